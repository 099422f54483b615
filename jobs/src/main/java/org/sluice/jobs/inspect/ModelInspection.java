package org.sluice.jobs.inspect;

import java.util.Optional;
import org.sluice.model.ModelScale;
import org.sluice.model.Nearest;

/** Models by name, in words and as JSON. Nothing is allocated for them. */
public final class ModelInspection {
    private final InspectedModel model;

    /**
     * Looks a name up.
     *
     * @param preset what a variant changes
     * @param length the positions of a sequence; without it those of the paper, in proportion to the model's hidden size
     * @throws IllegalArgumentException if it is not known, or stands for no possible model
     */
    public ModelInspection(String name, ModelScale scale, String preset, Optional<Integer> length) {
        model = NamedModels.model(name, scale, preset, length);
    }

    public static boolean knows(String name) {
        return NamedModels.names().contains(name);
    }

    /** {@code "; did you mean 'x' or 'y'?"}, or nothing. */
    public static String suggestion(String name) {
        return Nearest.suggestion(name, NamedModels.names());
    }

    /** All names, a line each. */
    public static String listText() {
        return ModelText.list();
    }

    /** All names, as one line of JSON. */
    public static String listJson() {
        return ModelJson.list();
    }

    /** Many lines: shapes, parameters by part, operations, memory. */
    public String text() {
        return ModelText.of(model);
    }

    /** The same as one line of JSON. */
    public String json() {
        return ModelJson.of(model);
    }
}

package org.sluice.experiments;

import java.util.List;
import java.util.function.UnaryOperator;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Nearest;

/**
 * A named change to a model, after the rows of arXiv 2505.06708.
 *
 * @param name what a job file calls it
 * @param description in words
 * @param change from the model without modifiers to the variant's
 * @param reference whether it is a baseline whose point is to have more parameters; it is never narrowed
 * @param learningRateFactor what the job's learning rate is multiplied by
 */
public record Variant(
        String name,
        String description,
        UnaryOperator<DecoderConfig> change,
        boolean reference,
        double learningRateFactor) {
    /** What a narrowed feed-forward size is a multiple of: matrix products are slow on odd sizes. */
    static final int FFN_MULTIPLE = 8;

    /** All variants with a plain name, in the order of the paper's tables. {@link Catalogue} has the rows of the tables too. */
    public static List<Variant> all() {
        return PlainVariants.ALL;
    }

    /**
     * The variant of that plain name.
     *
     * @throws IllegalArgumentException if there is none; the message says which are the nearest, and lists all
     */
    public static Variant named(String name) {
        List<String> names = all().stream().map(Variant::name).toList();
        Nearest.requireKnown("variant", name, names);
        return all().get(names.indexOf(name));
    }

    /**
     * This variant of a model.
     *
     * @param base the model; its own modifiers of attention, if it has some, are replaced
     * @param equalParameters whether feed-forward layers are narrowed, in steps of 8, so that a variant with more parameters than the
     *     base without modifiers has as nearly as possible as many; a {@link #reference} baseline is never narrowed
     * @throws IllegalArgumentException if the model cannot be changed so, or has more parameters than narrowing can make up for
     */
    public DecoderConfig of(DecoderConfig base, boolean equalParameters) {
        DecoderConfig plain = base.withModifiers();
        DecoderConfig changed = change.apply(plain);
        boolean narrowed = equalParameters && !reference && changed.parameters() > plain.parameters();
        return narrowed ? changed.narrowedTo(plain.parameters(), FFN_MULTIPLE) : changed;
    }
}

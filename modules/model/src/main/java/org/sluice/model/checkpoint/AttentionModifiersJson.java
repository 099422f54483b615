package org.sluice.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.sluice.model.AttentionModifier;
import org.sluice.model.GateConfig;
import org.sluice.model.GateGranularity;
import org.sluice.model.GateInitialisation;
import org.sluice.model.GatePosition;
import org.sluice.model.GateSource;
import org.sluice.model.HeadNorm;
import org.sluice.model.SwitchHeads;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;

/** What stands at the positions of the attention layers, as an array in {@code config.json}: every setting is written, none is left out. */
final class AttentionModifiersJson {
    private static final String KIND = "kind";
    private static final String GATE = "gate";
    private static final String HEAD_NORM = "rms_norm";
    private static final String SWITCH_HEADS = "switch_heads";

    private AttentionModifiersJson() {}

    static void write(List<AttentionModifier> modifiers, ArrayNode array) {
        for (AttentionModifier modifier : modifiers) {
            ObjectNode node = array.addObject();
            node.put("position", modifier.position().id());
            if (modifier instanceof GateConfig gate) {
                node.put(KIND, GATE);
                node.put("granularity", gate.granularity().id());
                node.put("head_shared", gate.headShared());
                node.put("combine", id(gate.combine()));
                node.put("activation", id(gate.activation()));
                node.put("source", id(gate.source()));
                node.put("initialisation", id(gate.initialisation()));
            } else if (modifier instanceof SwitchHeads switched) {
                node.put(KIND, SWITCH_HEADS);
                node.put("experts", switched.experts());
                node.put("chosen", switched.chosen());
            } else {
                node.put(KIND, HEAD_NORM);
            }
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws CheckpointFormatException if something is missing or unknown
     * @throws IllegalArgumentException if the settings do not go together
     */
    static List<AttentionModifier> read(JsonNode array, String file) throws CheckpointFormatException {
        List<AttentionModifier> modifiers = new ArrayList<>();
        for (JsonNode node : array) {
            ModelConfigFields fields = new ModelConfigFields(node, file);
            GatePosition position = GatePosition.named(fields.text("position"));
            String kind = fields.text(KIND);
            modifiers.add(
                    switch (kind) {
                        case GATE -> gate(position, fields);
                        case SWITCH_HEADS ->
                            new SwitchHeads(position, fields.integer("experts"), fields.integer("chosen"));
                        case HEAD_NORM -> new HeadNorm(position);
                        default ->
                            throw new CheckpointFormatException(file + " has an attention modifier of kind '" + kind
                                    + "', which Sluice does not have; expected " + GATE + ", " + SWITCH_HEADS + " or "
                                    + HEAD_NORM);
                    });
        }
        return modifiers;
    }

    private static GateConfig gate(GatePosition position, ModelConfigFields fields) throws CheckpointFormatException {
        return new GateConfig(
                position,
                GateGranularity.named(fields.text("granularity")),
                fields.flag("head_shared"),
                value(GateCombine.values(), "combine", fields),
                value(GateActivation.values(), "activation", fields),
                value(GateSource.values(), "source", fields),
                value(GateInitialisation.values(), "initialisation", fields));
    }

    private static String id(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static <E extends Enum<E>> E value(E[] values, String key, ModelConfigFields fields)
            throws CheckpointFormatException {
        String text = fields.text(key);
        return Arrays.stream(values)
                .filter(value -> id(value).equals(text))
                .findFirst()
                .orElseThrow(() -> new CheckpointFormatException(fields.file() + " has a gate with " + key + " '" + text
                        + "', which Sluice does not have; expected one of "
                        + Arrays.stream(values).map(AttentionModifiersJson::id).collect(Collectors.joining(", "))));
    }
}

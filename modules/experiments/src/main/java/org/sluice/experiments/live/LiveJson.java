package org.sluice.experiments.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What the page is told, in JSON. */
final class LiveJson {
    /** What the page shows of an evaluation. */
    private static final List<String> EVALUATION = List.of(
            "step",
            "heldOutLoss",
            "heldOutPerplexity",
            "heldOutBlocks",
            "firstTokenAttentionPerLayer",
            "maxActivationPerLayer",
            "meanGateScorePerLayer");

    private LiveJson() {}

    /** Puts a number, or null where it is not finite: JSON has no word for that. */
    static void put(ObjectNode target, String key, double value) {
        if (Double.isFinite(value)) {
            target.put(key, value);
        } else {
            target.putNull(key);
        }
    }

    /** Of an evaluation what the page shows. */
    static ObjectNode evaluation(JsonNode evaluation) {
        ObjectNode shown = ((ObjectNode) evaluation).deepCopy();
        return shown.retain(EVALUATION);
    }
}

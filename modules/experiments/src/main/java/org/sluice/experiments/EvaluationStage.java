package org.sluice.experiments;

import java.util.Locale;

/** When a model is evaluated. */
public enum EvaluationStage {
    UNTRAINED,
    TRAINED;

    /** As it stands in {@code metrics.jsonl}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package org.sluice.cluster;

import java.util.Locale;

/** What becomes of the state of a worker's own optimizer, AdamW's moments, at the end of a round. */
public enum InnerState {
    /** Each worker keeps its own, as DiLoCo does (Douillard et al. 2023, arXiv 2311.08105). A worker that comes later starts with none. */
    LOCAL,
    /** It is averaged as the parameters are, and travels with them: three times the bytes. All workers have the same, later ones too. */
    AVERAGED,
    /** Each round starts with none. */
    RESET;

    /** The name in job files. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package org.sluice.benchmarks;

/** The sizes of the preset {@code bench} in training, {@code B} 8 and {@code T} 256, and of a mixture of experts that would fit it. */
final class BenchModel {
    static final int BATCH = 8;
    static final int TIME = 256;
    /** {@code B T}. */
    static final int ROWS = BATCH * TIME;

    static final int HIDDEN = 384;
    static final int HEADS = 6;
    static final int HEAD_DIM = 64;
    static final int FFN = 1024;
    static final int VOCABULARY = 4096;
    static final int PARAMETERS = 13_800_000;

    /** {@code X}, of which {@link #CHOSEN} see a row. */
    static final int EXPERTS = 16;

    static final int CHOSEN = 4;
    static final int EXPERT_FFN = 256;

    static final double EPSILON = 1e-6;

    private BenchModel() {}
}

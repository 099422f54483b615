package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.sluice.tensor.Tensor;

/** The products of a mixture's experts, each with a block of rows of its own. */
public class GroupedProducts extends OperationBenchmark {
    private static final int CHOICES = BenchModel.CHOSEN * BenchModel.ROWS;

    /** How rows are spread over the experts. */
    @Param
    public Rows rows;

    private Tensor x;
    private Tensor weight;
    private Tensor offsets;
    private Tensor y;
    private Tensor outGradient;
    private Tensor xGradient;
    private Tensor weightGradient;

    /** Rows of experts. */
    public enum Rows {
        /** Each expert has as many as another. */
        BALANCED,
        /** Each expert has a third of the rows that are left, as of a router that prefers some. */
        SKEWED,
        ALL_TO_ONE;

        private int[] offsets() {
            int[] offsets = new int[BenchModel.EXPERTS + 1];
            for (int expert = 1; expert < BenchModel.EXPERTS; expert++) {
                offsets[expert] = switch (this) {
                    case BALANCED -> CHOICES * expert / BenchModel.EXPERTS;
                    case SKEWED -> offsets[expert - 1] + (CHOICES - offsets[expert - 1]) / 3;
                    case ALL_TO_ONE -> CHOICES;
                };
            }
            offsets[BenchModel.EXPERTS] = CHOICES;
            return offsets;
        }
    }

    @Override
    void prepare() {
        x = numbers(CHOICES, BenchModel.HIDDEN);
        weight = numbers(BenchModel.EXPERTS, BenchModel.EXPERT_FFN, BenchModel.HIDDEN);
        offsets = integers(BenchModel.EXPERTS + 1);
        backend().memory().writeInts(rows.offsets(), offsets);
        y = numbers(CHOICES, BenchModel.EXPERT_FFN);
        outGradient = numbers(CHOICES, BenchModel.EXPERT_FFN);
        xGradient = numbers(CHOICES, BenchModel.HIDDEN);
        weightGradient = numbers(BenchModel.EXPERTS, BenchModel.EXPERT_FFN, BenchModel.HIDDEN);
    }

    @Benchmark
    public void forward() {
        backend().mixture().groupedMatmul(x, weight, true, offsets, y, false);
    }

    @Benchmark
    public void inputGradient() {
        backend().mixture().groupedMatmul(outGradient, weight, false, offsets, xGradient, false);
    }

    @Benchmark
    public void weightGradientAdded() {
        backend().mixture().groupedWeightGradient(outGradient, x, offsets, weightGradient);
    }
}

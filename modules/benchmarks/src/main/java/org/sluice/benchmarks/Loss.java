package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.sluice.tensor.Tensor;

/** The classifier and its cross-entropy, 512 rows at a time. */
public class Loss extends OperationBenchmark {
    private static final int CHUNK = 512;

    private Tensor hidden;
    private Tensor weight;
    private Tensor targets;
    private Tensor workspace;
    private Tensor losses;
    private Tensor logSumExp;
    private Tensor hiddenGradient;
    private Tensor weightGradient;

    @Override
    void prepare() {
        hidden = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        weight = numbers(BenchModel.VOCABULARY, BenchModel.HIDDEN);
        targets = tokens();
        workspace = numbers(CHUNK, BenchModel.VOCABULARY);
        losses = numbers(BenchModel.ROWS);
        logSumExp = numbers(BenchModel.ROWS);
        hiddenGradient = numbers(BenchModel.ROWS, BenchModel.HIDDEN);
        weightGradient = numbers(BenchModel.VOCABULARY, BenchModel.HIDDEN);
    }

    @Benchmark
    public void classifierLoss() {
        backend().loss().classifierLoss(hidden, weight, targets, workspace, losses, logSumExp);
    }

    @Benchmark
    public void classifierLossAndGradient() {
        backend()
                .loss()
                .classifierLossAndGradient(
                        hidden,
                        weight,
                        targets,
                        0,
                        1.0 / BenchModel.ROWS,
                        workspace,
                        losses,
                        logSumExp,
                        hiddenGradient,
                        weightGradient);
    }
}

package org.sluice.model;

import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** The classifier over the vocabulary and its cross-entropy; logits exist for a chunk of rows at a time. */
final class ClassifierHead {
    /** What the logits of one chunk may take. Enough rows for a matrix product at full speed, little beside the activations. */
    private static final long WORKSPACE_BYTES = 64L << 20;

    private final Backend backend;
    private final Weight weight;
    private final Tensor targets;
    private final Tensor workspace;
    private final Tensor losses;
    private final Tensor logSumExp;
    private final Tensor lossSum;

    /**
     * @param weight {@code [V, D]}
     * @param targets int32 {@code [N]}
     */
    ClassifierHead(Backend backend, Allocator allocator, DecoderConfig config, Weight weight, Tensor targets) {
        int rows = allocator.batch().rows();
        this.backend = backend;
        this.weight = weight;
        this.targets = targets;
        this.workspace = allocator.allocate(
                "logits", Shape.of(chunkRows(rows, config.vocabulary(), allocator.dtype()), config.vocabulary()));
        this.losses = allocator.allocate("losses", Shape.of(rows));
        this.logSumExp = allocator.allocate("log_sum_exp", Shape.of(rows));
        this.lossSum = allocator.arena().allocate("loss_sum", DType.FLOAT64, Shape.of(1));
    }

    /** The rows of logits that exist at once: as many as fit the workspace, at least 1, at most all. */
    static int chunkRows(int rows, int vocabulary, DType dtype) {
        long fitting = WORKSPACE_BYTES / ((long) vocabulary * dtype.bytes());
        return (int) Math.max(1, Math.min(rows, fitting));
    }

    /** The loss of each position of the last pass, {@code [N]}. */
    Tensor losses() {
        return losses;
    }

    /**
     * Computes the logits of a hidden state.
     *
     * @param hidden {@code [N, D]}, of any {@code N}
     * @param out {@code [N, V]}, overwritten
     */
    void logits(Tensor hidden, Tensor out) {
        weight.project(backend.linearAlgebra(), hidden, out);
    }

    /** Computes the losses of a hidden state {@code [N, D]}, waits, and returns their sum. */
    double loss(Tensor hidden) {
        backend.loss().classifierLoss(hidden, weight.value(), targets, workspace, losses, logSumExp);
        return sum();
    }

    /** As {@link #loss}, but without waiting, and with gradients: that of the hidden state {@code [N, D]} is overwritten. */
    void lossAndGradient(Tensor hidden, double gradientScale, double zLossWeight, Tensor hiddenGradient) {
        backend.loss()
                .classifierLossAndGradient(
                        hidden,
                        weight.value(),
                        targets,
                        zLossWeight,
                        gradientScale,
                        workspace,
                        losses,
                        logSumExp,
                        hiddenGradient,
                        weight.gradient());
    }

    /** Waits, and returns the sum of the last losses. */
    double sum() {
        backend.statistics().sum(losses, lossSum);
        return backend.memory().scalar(lossSum);
    }
}

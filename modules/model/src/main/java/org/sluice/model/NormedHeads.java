package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** RMSNorm of each head: {@link HeadNorm}. */
final class NormedHeads implements Passage {
    private final Backend backend;
    private final double epsilon;
    private final Weight weight;
    private final HeadTensor before;
    private final HeadTensor after;
    private final Tensor inverseRms;
    private final Optional<HeadTensor> gradientBefore;
    private final Tensor headsBefore;
    private final Tensor headsAfter;

    /**
     * @param weight {@code [E]}
     * @param inverseRms {@code [B, T, heads]}
     * @param gradientBefore shared between layers, of the shape of {@code before}; empty in evaluation
     */
    NormedHeads(
            Backend backend,
            double epsilon,
            Weight weight,
            HeadTensor before,
            HeadTensor after,
            Tensor inverseRms,
            Optional<HeadTensor> gradientBefore) {
        this.backend = backend;
        this.epsilon = epsilon;
        this.weight = weight;
        this.before = before;
        this.after = after;
        this.inverseRms = inverseRms.reshape(Shape.of(inverseRms.elements()));
        this.gradientBefore = gradientBefore;
        this.headsBefore = eachHead(before);
        this.headsAfter = eachHead(after);
    }

    @Override
    public HeadTensor before() {
        return before;
    }

    @Override
    public HeadTensor after() {
        return after;
    }

    @Override
    public void forward(Tensor input) {
        backend.normalisation().rmsNorm(headsBefore, weight.value(), epsilon, headsAfter, inverseRms);
    }

    @Override
    public HeadTensor backward(HeadTensor gradientAfter) {
        HeadTensor gradient = gradientBefore.orElseThrow();
        backend.normalisation()
                .rmsNormBackward(
                        eachHead(gradientAfter),
                        headsBefore,
                        weight.value(),
                        inverseRms,
                        eachHead(gradient),
                        false,
                        weight.gradient());
        return gradient;
    }

    /** As {@code [N * heads, E]}. */
    private static Tensor eachHead(HeadTensor tensor) {
        Tensor byHead = tensor.byHead();
        long headDim = byHead.shape().dimension(3);
        return byHead.reshape(Shape.of(byHead.elements() / headDim, headDim));
    }
}

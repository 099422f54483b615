package org.sluice.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.sluice.model.AttentionModifier;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;
import org.sluice.model.GateSource;
import org.sluice.model.SwitchHeads;

/** DeepLearning4j's own gradient check, of two layers one above the other: a gradient counted twice would show. */
class GradientTest {
    private DataType before;

    /** The check asks for the default type, whatever the network's. */
    @BeforeEach
    void inDoublePrecision() {
        before = Nd4j.dataType();
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
    }

    @AfterEach
    void asBefore() {
        Nd4j.setDefaultDataTypes(before, before);
    }

    @Test
    void gradientsAreTheSlopesOfTheLoss() {
        SplittableRandom random = Networks.random();
        ComputationGraph network = Networks.residual(
                DataType.DOUBLE,
                new NoOp(),
                6,
                layer(GateConfig.SDPA_ELEMENTWISE, new SwitchHeads(GatePosition.VALUE, 2, 1)),
                layer(
                        GateConfig.SDPA_HEADWISE.from(GateSource.LEARNED),
                        GateConfig.elementwise(GatePosition.KEY).shared()));
        INDArray mask = Nd4j.createFromArray(new double[][] {{1, 1, 1, 1, 0}, {0, 1, 1, 1, 1}});

        boolean passed = GradientCheckUtil.checkGradients(new GradientCheckUtil.GraphConfig()
                .net(network)
                .inputs(new INDArray[] {Networks.input(2, 6, 5, random)})
                .labels(new INDArray[] {Networks.input(2, 3, 5, random)})
                .inputMask(new INDArray[] {mask})
                .labelMask(new INDArray[] {mask})
                .epsilon(1e-6)
                .maxRelError(1e-5)
                .minAbsoluteError(1e-8)
                .subset(true)
                .maxPerParam(2)
                .print(GradientCheckUtil.PrintMode.FAILURES_ONLY));

        assertThat(passed).isTrue();
    }

    private static GatedSelfAttentionLayer layer(AttentionModifier... modifiers) {
        return new GatedSelfAttentionLayer.Builder()
                .heads(2)
                .kvHeads(1)
                .headDim(4)
                .modifiers(modifiers)
                .build();
    }
}

package org.sluice.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.sluice.model.AttentionModifier;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;
import org.sluice.model.GateSource;
import org.sluice.model.SwitchHeads;
import org.sluice.tensor.GateActivation;

/** Steps that the mask takes out are as if they were not there. */
class FeatureMaskTest {
    private static final int HIDDEN = 6;
    private static final int LENGTH = 5;

    private final SplittableRandom random = Networks.random();

    static Stream<List<AttentionModifier>> modifiers() {
        return Stream.of(
                List.of(),
                List.of(GateConfig.SDPA_ELEMENTWISE, new SwitchHeads(GatePosition.VALUE, 3, 2)),
                List.of(GateConfig.elementwise(GatePosition.DENSE_OUTPUT)
                        .from(GateSource.SELF)
                        .with(GateActivation.DOUBLE_SIGMOID)
                        .additive()));
    }

    private static MultiLayerNetwork network(List<AttentionModifier> modifiers) {
        return Networks.of(
                DataType.DOUBLE,
                HIDDEN,
                new GatedSelfAttentionLayer.Builder()
                        .heads(4)
                        .kvHeads(2)
                        .headDim(4)
                        .modifiers(modifiers.toArray(AttentionModifier[]::new))
                        .build());
    }

    /** Three sequences of one length inside longer ones, behind 0, 1 and 3 steps of padding. */
    private INDArray padded(INDArray sequences, int[] before, int length) {
        INDArray padded = Networks.input(before.length, HIDDEN, length, random).mul(1000);
        for (int sequence = 0; sequence < before.length; sequence++) {
            part(padded, sequence, before[sequence]).assign(sequences.get(NDArrayIndex.point(sequence)));
        }
        return padded;
    }

    private static INDArray part(INDArray recurrent, int sequence, int from) {
        return recurrent.get(
                NDArrayIndex.point(sequence), NDArrayIndex.all(), NDArrayIndex.interval(from, from + LENGTH));
    }

    @ParameterizedTest
    @MethodSource("modifiers")
    void paddingOnEitherSideChangesNothing(List<AttentionModifier> modifiers) {
        int[] before = {0, 1, 3};
        int length = LENGTH + 3;
        INDArray sequences = Networks.input(before.length, HIDDEN, LENGTH, random);
        INDArray padded = padded(sequences, before, length);
        // Of another type than the network, as masks often are.
        INDArray mask = Nd4j.zeros(DataType.FLOAT, before.length, length);
        for (int sequence = 0; sequence < before.length; sequence++) {
            for (int t = before[sequence]; t < before[sequence] + LENGTH; t++) {
                mask.putScalar(sequence, t, 1);
            }
        }
        MultiLayerNetwork network = network(modifiers);
        INDArray expected = network.output(sequences);

        INDArray output = network.output(padded, false, mask, null);

        for (int sequence = 0; sequence < before.length; sequence++) {
            INDArray found = part(output, sequence, before[sequence]);
            assertThat(found.distance2(expected.get(NDArrayIndex.point(sequence))))
                    .as("sequence %d", sequence)
                    .isLessThan(1e-10 * expected.norm2Number().doubleValue());
            for (int t = 0; t < length; t++) {
                double norm = output.get(NDArrayIndex.point(sequence), NDArrayIndex.all(), NDArrayIndex.point(t))
                        .norm2Number()
                        .doubleValue();
                if (mask.getDouble(sequence, t) == 0) {
                    assertThat(norm)
                            .as("masked step %d of sequence %d", t, sequence)
                            .isZero();
                } else {
                    assertThat(norm).isPositive();
                }
            }
        }
        assertThat(network.output(sequences)).as("without a mask, afterwards").isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("modifiers")
    void noGradientGoesThroughMaskedStepsEvenWhereASequenceHasNoOthers(List<AttentionModifier> modifiers) {
        INDArray input = Networks.input(2, HIDDEN, LENGTH, random);
        INDArray mask = Nd4j.createFromArray(new double[][] {{0, 1, 0, 1, 1}, {0, 0, 0, 0, 0}});
        MultiLayerNetwork network = network(modifiers);
        network.initGradientsView();
        network.setLayerMaskArrays(mask, null);
        network.setInput(input);
        network.feedForward(true, false);

        Pair<Gradient, INDArray> gradients =
                network.backpropGradient(Networks.input(2, HIDDEN, LENGTH, random), LayerWorkspaceMgr.noWorkspaces());

        for (int sequence = 0; sequence < 2; sequence++) {
            for (int t = 0; t < LENGTH; t++) {
                double norm = gradients
                        .getSecond()
                        .get(NDArrayIndex.point(sequence), NDArrayIndex.all(), NDArrayIndex.point(t))
                        .norm2Number()
                        .doubleValue();
                assertThat(norm > 0)
                        .as("gradient of step %d of sequence %d, %s", t, sequence, norm)
                        .isEqualTo(mask.getDouble(sequence, t) > 0);
            }
        }
        gradients.getFirst().gradientForVariable().forEach((name, gradient) -> assertThat(
                        gradient.norm2Number().doubleValue())
                .as(name)
                .isFinite());
    }
}

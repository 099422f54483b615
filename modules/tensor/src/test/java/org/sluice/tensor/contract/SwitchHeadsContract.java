package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Tensor;

/** Holds the switch heads of {@link org.sluice.tensor.Gates} against {@link SwitchHeadLoops}. */
abstract class SwitchHeadsContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                Operation.named("switchHeads")
                        .reads("x", normal(dtype, 2, 50, 12, 19))
                        .reads("logits", normal(dtype, 2, 50, 12))
                        .writes("out", normal(dtype, 2, 50, 3, 19))
                        .calling(a -> backend.gates().switchHeads(a.apply("x"), a.apply("logits"), 2, a.apply("out"))),
                Operation.named("switchHeadsBackward")
                        .reads("outGradient", normal(dtype, 2, 50, 3, 19))
                        .reads("x", normal(dtype, 2, 50, 12, 19))
                        .reads("logits", normal(dtype, 2, 50, 12))
                        .writes("xGradient", normal(dtype, 2, 50, 12, 19))
                        .writes("logitsGradient", normal(dtype, 2, 50, 12))
                        .calling(a -> backend.gates()
                                .switchHeadsBackward(
                                        a.apply("outGradient"),
                                        a.apply("x"),
                                        a.apply("logits"),
                                        2,
                                        a.apply("xGradient"),
                                        a.apply("logitsGradient"))));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void anyNumberOfChosenExperts(DType dtype) {
        for (int trial = 0; trial < 6; trial++) {
            int experts = random.oneOf(1, 2, 3, 8, 17);
            for (int chosen = 1; chosen <= experts; chosen++) {
                int headDim = random.oneOf(1, 3, 16, 17, 64, 80);
                new SwitchCase(dtype, random.oneOf(1, 2), random.oneOf(1, 5, 33), 3, experts, chosen, headDim)
                        .checkRandom();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void ofEqualLogitsTheFirstAreChosen(DType dtype) {
        double[] logits = {
            1, 1, 1, 1, /**/ 0, 2, 0, 2, /**/ -1, 3, -1, -1, /**/ 0.0, -0.0, -0.0, 0.0, /**/ -5, -5, 0, -5
        };
        int[][] chosen = {{0, 1}, {1, 3}, {1, 0}, {0, 1}, {2, 0}};
        SwitchCase ties = new SwitchCase(dtype, 1, 1, chosen.length, 4, 2, 3);
        for (int row = 0; row < chosen.length; row++) {
            assertThat(ties.loops.chosenOf(logits, row)).containsExactly(chosen[row]);
        }
        ties.check(logits);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void oneExpertIsAHeadwiseGate(DType dtype) {
        Tensor x = normal(dtype, 2, 7, 3, 18);
        Tensor logits = normal(dtype, 2, 7, 3);
        Tensor outGradient = normal(dtype, 2, 7, 3, 18);
        Tensor gated = unset(dtype, 2, 7, 3, 18);
        Tensor gatedX = unset(dtype, 2, 7, 3, 18);
        Tensor gatedLogits = unset(dtype, 2, 7, 3);
        backend.gates().gate(GateFunction.SIGMOID, x, logits, gated);
        backend.gates().gateBackward(GateFunction.SIGMOID, outGradient, x, logits, gatedX, gatedLogits);
        Tensor out = unset(dtype, 2, 7, 3, 18);
        Tensor xGradient = unset(dtype, 2, 7, 3, 18);
        Tensor logitsGradient = unset(dtype, 2, 7, 3);
        backend.gates().switchHeads(x, logits, 1, out);
        backend.gates().switchHeadsBackward(outGradient, x, logits, 1, xGradient, logitsGradient);
        assertClose("out", out, read(gated));
        assertClose("xGradient", xGradient, read(gatedX));
        assertClose("logitsGradient", logitsGradient, read(gatedLogits), 1);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void saturatedScores(DType dtype) {
        double[] logits = {-1e30, -1000, -90, /**/ -30, 0, 30, /**/ 90, 1000, 1e30};
        for (int index = 0; index < logits.length; index++) {
            logits[index] = RandomCases.rounded(dtype, logits[index]);
        }
        for (int chosen = 1; chosen <= 3; chosen++) {
            new SwitchCase(dtype, 1, 1, 3, 3, chosen, 5).check(logits);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void whatIsNotChosenIsNotSeen(DType dtype) {
        double nan = Double.NaN;
        Tensor x = tensor(dtype, new double[] {1, nan, 3, nan}, 1, 1, 4, 1);
        Tensor logits = tensor(dtype, new double[] {0, -1, 0, -1}, 1, 1, 4);
        Tensor out = unset(dtype, 1, 1, 2, 1);
        backend.gates().switchHeads(x, logits, 1, out);
        assertThat(read(out)).containsExactly(0.5, 1.5);
        Tensor xGradient = unset(dtype, 1, 1, 4, 1);
        Tensor logitsGradient = unset(dtype, 1, 1, 4);
        backend.gates()
                .switchHeadsBackward(
                        tensor(dtype, new double[] {2, nan}, 1, 1, 2, 1), x, logits, 1, xGradient, logitsGradient);
        assertThat(read(xGradient)).containsExactly(1, 0, nan, 0);
        assertThat(read(logitsGradient)).containsExactly(0.5, 0, nan, 0);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void aLogitThatIsNoNumberShows(DType dtype) {
        Tensor x = normal(dtype, 1, 1, 8, 3);
        Tensor logits = tensor(dtype, new double[] {9, 9, Double.NaN, 9, 1, 2, 3, 4}, 1, 1, 8);
        Tensor out = unset(dtype, 1, 1, 2, 3);
        backend.gates().switchHeads(x, logits, 1, out);
        double[] found = read(out);
        assertThat(Arrays.copyOf(found, 3)).containsOnly(Double.NaN);
        assertThat(Arrays.copyOfRange(found, 3, 6)).doesNotContain(Double.NaN);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void moreChosenThanThereAreIsRefused(DType dtype) {
        Tensor x = normal(dtype, 1, 2, 6, 3);
        Tensor logits = normal(dtype, 1, 2, 6);
        Tensor out = unset(dtype, 1, 2, 2, 3);
        for (int chosen : new int[] {0, -1, 4}) {
            assertRefused(
                    () -> backend.gates().switchHeads(x, logits, chosen, out),
                    "switchHeads",
                    "'chosenPerHead'",
                    "1..3");
        }
        assertRefused(
                () -> backend.gates().switchHeads(x, logits, 1, unset(dtype, 1, 2, 4, 3)),
                "switchHeads",
                "'out'",
                "4 heads",
                "divisor of the 6 experts");
        assertThat(read(out)).containsOnly(Double.NaN);
    }

    /** One shape, forward and backward. */
    private final class SwitchCase {
        private final DType dtype;
        private final long[] shape;
        private final long[] outShape;
        private final SwitchHeadLoops loops;

        SwitchCase(DType dtype, int batch, int time, int heads, int experts, int chosen, int headDim) {
            this.dtype = dtype;
            this.shape = new long[] {batch, time, (long) heads * experts, headDim};
            this.outShape = new long[] {batch, time, heads, headDim};
            this.loops = new SwitchHeadLoops(batch * time * heads, experts, chosen, headDim);
        }

        void checkRandom() {
            check(random.normal(dtype, loops.rows() * loops.experts(), 3));
        }

        void check(double[] logits) {
            double[] x = random.normal(dtype, logits.length * loops.headDim(), 1);
            double[] outGradient = random.normal(dtype, loops.rows() * loops.headDim(), 1);
            Tensor heldX = tensor(dtype, x, shape);
            Tensor heldLogits = tensor(dtype, logits, Arrays.copyOf(shape, 3));
            Tensor out = unset(dtype, outShape);
            backend.gates().switchHeads(heldX, heldLogits, loops.chosen(), out);
            assertClose("out of " + loops, out, loops.forward(x, logits), 1);
            Tensor xGradient = unset(dtype, shape);
            Tensor logitsGradient = unset(dtype, Arrays.copyOf(shape, 3));
            backend.gates()
                    .switchHeadsBackward(
                            tensor(dtype, outGradient, outShape),
                            heldX,
                            heldLogits,
                            loops.chosen(),
                            xGradient,
                            logitsGradient);
            assertClose("xGradient of " + loops, xGradient, loops.xGradient(outGradient, logits));
            assertClose("logitsGradient of " + loops, logitsGradient, loops.logitsGradient(outGradient, x, logits), 1);
        }
    }
}

package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Tensor;

/** Holds the gates of {@link org.sluice.tensor.Gates} against {@link GateLoops}. */
abstract class GatesContract extends FamilyContract {
    private static final GateFunction SILU_ADDED = new GateFunction(GateActivation.SILU, GateCombine.ADDITIVE, false);

    @Override
    List<Operation> operations(DType dtype) {
        List<Operation> operations = new ArrayList<>();
        for (GateFunction function : List.of(GateFunction.SIGMOID, SILU_ADDED)) {
            GateFunction shared = new GateFunction(function.activation(), function.combine(), true);
            operations.add(gate(dtype, function, 2, 50, 5, 19));
            operations.add(gate(dtype, function, 2, 50, 5));
            operations.add(gate(dtype, shared, 2, 50, 5, 19));
            operations.add(gateBackward(dtype, function, 2, 50, 5, 19));
            operations.add(gateBackward(dtype, function, 2, 50, 5));
            operations.add(gateBackward(dtype, shared, 2, 50, 5, 19));
        }
        return operations;
    }

    private Operation gate(DType dtype, GateFunction function, long... logitsShape) {
        return Operation.named("gate")
                .reads("x", normal(dtype, 2, 50, 5, 19))
                .reads("logits", normal(dtype, logitsShape))
                .writes("out", normal(dtype, 2, 50, 5, 19))
                .mayBe("out", "x")
                .calling(a -> backend.gates().gate(function, a.apply("x"), a.apply("logits"), a.apply("out")));
    }

    private Operation gateBackward(DType dtype, GateFunction function, long... logitsShape) {
        return Operation.named("gateBackward")
                .reads("outGradient", normal(dtype, 2, 50, 5, 19))
                .reads("x", normal(dtype, 2, 50, 5, 19))
                .reads("logits", normal(dtype, logitsShape))
                .writes("xGradient", normal(dtype, 2, 50, 5, 19))
                .writes("logitsGradient", normal(dtype, logitsShape))
                .mayBe("xGradient", "outGradient")
                .mayBe("logitsGradient", "logits")
                .calling(a -> backend.gates()
                        .gateBackward(
                                function,
                                a.apply("outGradient"),
                                a.apply("x"),
                                a.apply("logits"),
                                a.apply("xGradient"),
                                a.apply("logitsGradient")));
    }

    /** Every activation and combination, elementwise, headwise and head-shared. */
    private static List<GateLoops> everyGate(int positions, int heads, int headDim) {
        List<GateLoops> gates = new ArrayList<>();
        for (GateActivation activation : GateActivation.values()) {
            for (GateCombine combine : GateCombine.values()) {
                GateFunction function = new GateFunction(activation, combine, false);
                GateFunction shared = new GateFunction(activation, combine, true);
                gates.add(new GateLoops(function, positions, heads, headDim, false));
                gates.add(new GateLoops(function, positions, heads, headDim, true));
                gates.add(new GateLoops(shared, positions, heads, headDim, false));
            }
        }
        return gates;
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void everyGateAndItsBackward(DType dtype) {
        for (int trial = 0; trial < 5; trial++) {
            int batch = random.oneOf(1, 2, 3);
            int time = random.oneOf(1, 3, 17, 65);
            int heads = random.oneOf(1, 2, 3, 6);
            int headDim = random.oneOf(1, 2, 3, 16, 17, 31, 64, 80, 128);
            for (GateLoops loops : everyGate(batch * time, heads, headDim)) {
                new GateCase(loops, dtype, batch, time, trial % 2 == 0).check();
            }
        }
    }

    /** One gate on random inputs, forward and backward, in place or not. */
    private final class GateCase {
        private final GateLoops loops;
        private final DType dtype;
        private final long[] shape;
        private final long[] logitsShape;
        private final boolean inPlace;

        GateCase(GateLoops loops, DType dtype, int batch, int time, boolean inPlace) {
            this.loops = loops;
            this.dtype = dtype;
            this.shape = new long[] {batch, time, loops.heads(), loops.headDim()};
            this.logitsShape = loops.headwise() ? Arrays.copyOf(shape, 3) : shape;
            this.inPlace = inPlace;
        }

        void check() {
            double[] x = random.normal(dtype, loops.elements(), 1);
            double[] logits = random.normal(dtype, loops.logits(), 3);
            double[] outGradient = random.normal(dtype, loops.elements(), 1);
            Tensor heldLogits = tensor(dtype, logits, logitsShape);
            Tensor heldX = tensor(dtype, x, shape);
            Tensor out = inPlace ? heldX : unset(dtype, shape);
            backend.gates().gate(loops.function(), heldX, heldLogits, out);
            String what = loops + ", in place " + inPlace;
            assertClose("out of " + what, out, loops.gate(x, logits));

            Tensor heldOutGradient = tensor(dtype, outGradient, shape);
            Tensor xGradient = inPlace ? heldOutGradient : unset(dtype, shape);
            Tensor logitsGradient = inPlace ? heldLogits : unset(dtype, logitsShape);
            backend.gates()
                    .gateBackward(
                            loops.function(),
                            heldOutGradient,
                            tensor(dtype, x, shape),
                            heldLogits,
                            xGradient,
                            logitsGradient);
            assertClose("xGradient of " + what, xGradient, loops.xGradient(outGradient, logits));
            boolean summed = loops.headwise() || loops.function().headShared();
            double[] expected = loops.logitsGradient(outGradient, x, logits);
            assertClose("logitsGradient of " + what, logitsGradient, expected, summed ? 1 : 0);
        }
    }

    /** Gates at the ends of their range: no overflow, no NaN, exact zeros and ones where the type has nothing else. */
    @ParameterizedTest
    @MethodSource("dtypes")
    void saturatedGates(DType dtype) {
        double[] logits = {-1e30, -1000, -90, -30, -10, 0, 10, 30, 90, 1000, 1e30};
        int count = logits.length;
        for (int index = 0; index < count; index++) {
            logits[index] = RandomCases.rounded(dtype, logits[index]);
        }
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        for (GateLoops loops : everyGate(count, 1, 1)) {
            long[] logitsShape = loops.headwise() ? new long[] {1, count, 1} : new long[] {1, count, 1, 1};
            Tensor heldLogits = tensor(dtype, logits, logitsShape);
            Tensor heldOnes = tensor(dtype, ones, 1, count, 1, 1);
            Tensor out = unset(dtype, 1, count, 1, 1);
            backend.gates().gate(loops.function(), heldOnes, heldLogits, out);
            assertEachClose("out of " + loops, out, loops.gate(ones, logits));
            Tensor xGradient = unset(dtype, 1, count, 1, 1);
            Tensor logitsGradient = unset(dtype, logitsShape);
            backend.gates().gateBackward(loops.function(), heldOnes, heldOnes, heldLogits, xGradient, logitsGradient);
            assertEachClose("xGradient of " + loops, xGradient, loops.xGradient(ones, logits));
            assertEachClose("logitsGradient of " + loops, logitsGradient, loops.logitsGradient(ones, ones, logits));
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void aDoubleSigmoidOfZeroLogitsPassesAllThrough(DType dtype) {
        Tensor x = normal(dtype, 2, 3, 4, 5);
        Tensor out = unset(dtype, 2, 3, 4, 5);
        GateFunction function = new GateFunction(GateActivation.DOUBLE_SIGMOID, GateCombine.MULTIPLICATIVE, false);
        backend.gates().gate(function, x, tensor(dtype, new double[120], 2, 3, 4, 5), out);
        assertThat(read(out)).as(random.description()).isEqualTo(read(x));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void headwiseScoresCannotBeShared(DType dtype) {
        Tensor x = normal(dtype, 2, 3, 4, 5);
        Tensor logits = normal(dtype, 2, 3, 4);
        GateFunction shared = new GateFunction(GateActivation.SIGMOID, GateCombine.MULTIPLICATIVE, true);
        byte[] before = bytes(x);
        assertRefused(() -> backend.gates().gate(shared, x, logits, x), "gate", "'logits'", "[2, 3, 4, 5]", "share");
        assertThat(bytes(x)).isEqualTo(before);
    }
}

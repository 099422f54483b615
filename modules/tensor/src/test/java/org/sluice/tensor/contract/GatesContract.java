package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

/** Holds {@link org.sluice.tensor.Gates} against {@link GateLoops}. */
abstract class GatesContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                sigmoidGate(dtype, 2, 50, 5, 19),
                sigmoidGate(dtype, 2, 50, 5),
                sigmoidGateBackward(dtype, 2, 50, 5, 19),
                sigmoidGateBackward(dtype, 2, 50, 5),
                Operation.named("swiGlu")
                        .reads("gate", normal(dtype, 150, 131))
                        .reads("up", normal(dtype, 150, 131))
                        .writes("out", normal(dtype, 150, 131))
                        .calling(a -> backend.gates().swiGlu(a.apply("gate"), a.apply("up"), a.apply("out"))),
                Operation.named("swiGluBackward")
                        .reads("outGradient", normal(dtype, 150, 131))
                        .reads("gate", normal(dtype, 150, 131))
                        .reads("up", normal(dtype, 150, 131))
                        .writes("gateGradient", normal(dtype, 150, 131))
                        .writes("upGradient", normal(dtype, 150, 131))
                        .mayBe("gateGradient", "gate")
                        .mayBe("upGradient", "up")
                        .calling(a -> backend.gates()
                                .swiGluBackward(
                                        a.apply("outGradient"),
                                        a.apply("gate"),
                                        a.apply("up"),
                                        a.apply("gateGradient"),
                                        a.apply("upGradient"))));
    }

    private Operation sigmoidGate(DType dtype, long... logitsShape) {
        return Operation.named("sigmoidGate")
                .reads("x", normal(dtype, 2, 50, 5, 19))
                .reads("logits", normal(dtype, logitsShape))
                .writes("out", normal(dtype, 2, 50, 5, 19))
                .mayBe("out", "x")
                .calling(a -> backend.gates().sigmoidGate(a.apply("x"), a.apply("logits"), a.apply("out")));
    }

    private Operation sigmoidGateBackward(DType dtype, long... logitsShape) {
        return Operation.named("sigmoidGateBackward")
                .reads("outGradient", normal(dtype, 2, 50, 5, 19))
                .reads("out", normal(dtype, 2, 50, 5, 19))
                .reads("logits", normal(dtype, logitsShape))
                .writes("xGradient", normal(dtype, 2, 50, 5, 19))
                .writes("logitsGradient", normal(dtype, logitsShape))
                .writes("delta", normal(dtype, 2, 5, 50))
                .mayBe("xGradient", "outGradient")
                .calling(a -> backend.gates()
                        .sigmoidGateBackward(
                                a.apply("outGradient"),
                                a.apply("out"),
                                a.apply("logits"),
                                a.apply("xGradient"),
                                a.apply("logitsGradient"),
                                a.apply("delta")));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void sigmoidGateElementwiseAndHeadwise(DType dtype) {
        for (int trial = 0; trial < 16; trial++) {
            int batch = random.oneOf(1, 2, 3);
            int time = random.oneOf(1, 3, 17, 65);
            int heads = random.oneOf(1, 2, 3, 6);
            int headDim = random.oneOf(1, 2, 3, 16, 17, 31, 64, 80, 128);
            sigmoidGate(dtype, batch, time, heads, headDim, trial % 2 == 0);
        }
    }

    private void sigmoidGate(DType dtype, int batch, int time, int heads, int headDim, boolean headwise) {
        int count = batch * time * heads * headDim;
        long[] logitsShape = headwise ? new long[] {batch, time, heads} : new long[] {batch, time, heads, headDim};
        double[] x = random.normal(dtype, count, 1);
        double[] logits = random.normal(dtype, headwise ? count / headDim : count, 3);
        Tensor heldLogits = tensor(dtype, logits, logitsShape);
        Tensor out = unset(dtype, batch, time, heads, headDim);
        backend.gates().sigmoidGate(tensor(dtype, x, batch, time, heads, headDim), heldLogits, out);
        double[] gated = GateLoops.sigmoidGate(x, logits);
        assertClose("out, headwise " + headwise, out, gated);

        double[] outGradient = random.normal(dtype, count, 1);
        Tensor heldOutGradient = tensor(dtype, outGradient, batch, time, heads, headDim);
        Tensor xGradient = unset(dtype, batch, time, heads, headDim);
        Tensor logitsGradient = unset(dtype, logitsShape);
        Tensor delta = unset(dtype, batch, heads, time);
        backend.gates().sigmoidGateBackward(heldOutGradient, out, heldLogits, xGradient, logitsGradient, delta);
        assertClose("xGradient", xGradient, GateLoops.sigmoidGateXGradient(outGradient, logits));
        assertClose(
                "logitsGradient, headwise " + headwise,
                logitsGradient,
                GateLoops.sigmoidGateLogitsGradient(outGradient, gated, logits),
                headwise ? 1 : 0);
        AttentionLoops loops = new AttentionLoops(batch, time, heads, heads, headDim, 1, new int[batch * time]);
        assertClose("delta", delta, loops.outputDot(outGradient, gated), 1);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void swiGluAndItsBackward(DType dtype) {
        for (int trial = 0; trial < 12; trial++) {
            int rows = random.oneOf(1, 3, 17, 65, 200);
            int size = random.oneOf(1, 3, 17, 31, 65, 1024);
            double[] gate = random.normal(dtype, rows * size, 2);
            double[] up = random.normal(dtype, rows * size, 1);
            double[] outGradient = random.normal(dtype, rows * size, 1);
            Tensor heldGate = tensor(dtype, gate, rows, size);
            Tensor heldUp = tensor(dtype, up, rows, size);
            Tensor out = unset(dtype, rows, size);
            backend.gates().swiGlu(heldGate, heldUp, out);
            assertClose("out", out, GateLoops.swiGlu(gate, up));
            boolean inPlace = trial % 2 == 0;
            Tensor gateGradient = inPlace ? heldGate : unset(dtype, rows, size);
            Tensor upGradient = inPlace ? heldUp : unset(dtype, rows, size);
            backend.gates()
                    .swiGluBackward(tensor(dtype, outGradient, rows, size), heldGate, heldUp, gateGradient, upGradient);
            assertClose("gateGradient", gateGradient, GateLoops.swiGluGateGradient(outGradient, gate, up), 0.1);
            assertClose("upGradient", upGradient, GateLoops.swiGluUpGradient(outGradient, gate));
        }
    }

    /** Sigmoids at the ends of their range: no overflow, no NaN, exact zeros and ones where the type has nothing else. */
    @ParameterizedTest
    @MethodSource("dtypes")
    void saturatedGates(DType dtype) {
        double[] logits = {-1e30, -1000, -90, -30, -10, 0, 10, 30, 90, 1000, 1e30};
        int count = logits.length;
        for (int index = 0; index < count; index++) {
            logits[index] = RandomCases.rounded(dtype, logits[index]);
        }
        double[] ones = new double[count];
        java.util.Arrays.fill(ones, 1);
        Tensor heldLogits = tensor(dtype, logits, 1, count, 1, 1);
        Tensor out = unset(dtype, 1, count, 1, 1);
        backend.gates().sigmoidGate(tensor(dtype, ones, 1, count, 1, 1), heldLogits, out);
        double[] sigmoids = GateLoops.sigmoidGate(ones, logits);
        assertEachClose("sigmoid", dtype, out, sigmoids);

        Tensor xGradient = unset(dtype, 1, count, 1, 1);
        Tensor logitsGradient = unset(dtype, 1, count, 1, 1);
        Tensor delta = unset(dtype, 1, 1, count);
        backend.gates()
                .sigmoidGateBackward(
                        tensor(dtype, ones, 1, count, 1, 1), out, heldLogits, xGradient, logitsGradient, delta);
        assertEachClose("xGradient", dtype, xGradient, sigmoids);
        assertEachClose(
                "logitsGradient", dtype, logitsGradient, GateLoops.sigmoidGateLogitsGradient(ones, sigmoids, logits));

        Tensor swiGlu = unset(dtype, 1, count);
        Tensor gate = tensor(dtype, logits, 1, count);
        Tensor up = tensor(dtype, ones, 1, count);
        backend.gates().swiGlu(gate, up, swiGlu);
        assertEachClose("swiGlu", dtype, swiGlu, GateLoops.swiGlu(logits, ones));
        Tensor gateGradient = unset(dtype, 1, count);
        Tensor upGradient = unset(dtype, 1, count);
        backend.gates().swiGluBackward(tensor(dtype, ones, 1, count), gate, up, gateGradient, upGradient);
        assertEachClose("gateGradient", dtype, gateGradient, GateLoops.swiGluGateGradient(ones, logits, ones));
        assertEachClose("upGradient", dtype, upGradient, GateLoops.swiGluUpGradient(ones, logits));
    }

    private void assertEachClose(String what, DType dtype, Tensor actual, double[] expected) {
        double[] found = read(actual);
        double tolerance = dtype == DType.FLOAT32 ? 1e-5 : 1e-12;
        for (int index = 0; index < expected.length; index++) {
            double allowed = tolerance * Math.max(1, Math.abs(expected[index]));
            assertThat(Math.abs(found[index] - expected[index]) <= allowed)
                    .as("%s[%d] is %s, expected %s", what, index, found[index], expected[index])
                    .isTrue();
        }
    }
}

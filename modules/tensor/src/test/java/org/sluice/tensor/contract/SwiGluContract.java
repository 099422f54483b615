package org.sluice.tensor.contract;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

/** Holds SwiGLU of {@link org.sluice.tensor.Gates} against {@link SwiGluLoops}. */
abstract class SwiGluContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
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
            assertClose("out", out, SwiGluLoops.forward(gate, up));
            boolean inPlace = trial % 2 == 0;
            Tensor gateGradient = inPlace ? heldGate : unset(dtype, rows, size);
            Tensor upGradient = inPlace ? heldUp : unset(dtype, rows, size);
            backend.gates()
                    .swiGluBackward(tensor(dtype, outGradient, rows, size), heldGate, heldUp, gateGradient, upGradient);
            assertClose("gateGradient", gateGradient, SwiGluLoops.gateGradient(outGradient, gate, up), 0.1);
            assertClose("upGradient", upGradient, SwiGluLoops.upGradient(outGradient, gate));
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void saturatedSwiGlu(DType dtype) {
        double[] logits = {-1e30, -1000, -90, -30, -10, 0, 10, 30, 90, 1000, 1e30};
        int count = logits.length;
        for (int index = 0; index < count; index++) {
            logits[index] = RandomCases.rounded(dtype, logits[index]);
        }
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        Tensor gate = tensor(dtype, logits, 1, count);
        Tensor up = tensor(dtype, ones, 1, count);
        Tensor out = unset(dtype, 1, count);
        backend.gates().swiGlu(gate, up, out);
        assertEachClose("out", out, SwiGluLoops.forward(logits, ones));
        Tensor gateGradient = unset(dtype, 1, count);
        Tensor upGradient = unset(dtype, 1, count);
        backend.gates().swiGluBackward(tensor(dtype, ones, 1, count), gate, up, gateGradient, upGradient);
        assertEachClose("gateGradient", gateGradient, SwiGluLoops.gateGradient(ones, logits, ones));
        assertEachClose("upGradient", upGradient, SwiGluLoops.upGradient(ones, logits));
    }
}

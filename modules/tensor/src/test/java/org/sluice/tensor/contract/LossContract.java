package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Loss;
import org.sluice.tensor.Tensor;

/** Holds {@link Loss} against {@link LossLoops}. */
abstract class LossContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                Operation.named("classifierLoss")
                        .reads("hidden", normal(dtype, 150, 33))
                        .reads("weight", normal(dtype, 257, 33))
                        .reads("targets", integers(random.targets(150, 257), 150))
                        .writes("workspace", normal(dtype, 64, 257))
                        .writes("losses", normal(dtype, 150))
                        .writes("logSumExp", normal(dtype, 150))
                        .calling(a -> backend.loss()
                                .classifierLoss(
                                        a.apply("hidden"),
                                        a.apply("weight"),
                                        a.apply("targets"),
                                        a.apply("workspace"),
                                        a.apply("losses"),
                                        a.apply("logSumExp"))),
                Operation.named("classifierLossAndGradient")
                        .reads("hidden", normal(dtype, 150, 33))
                        .reads("weight", normal(dtype, 257, 33))
                        .reads("targets", integers(random.targets(150, 257), 150))
                        .writes("workspace", normal(dtype, 64, 257))
                        .writes("losses", normal(dtype, 150))
                        .writes("logSumExp", normal(dtype, 150))
                        .writes("hiddenGradient", normal(dtype, 150, 33))
                        .writes("weightGradient", normal(dtype, 257, 33))
                        .calling(a -> backend.loss()
                                .classifierLossAndGradient(
                                        a.apply("hidden"),
                                        a.apply("weight"),
                                        a.apply("targets"),
                                        1e-3,
                                        0.01,
                                        a.apply("workspace"),
                                        a.apply("losses"),
                                        a.apply("logSumExp"),
                                        a.apply("hiddenGradient"),
                                        a.apply("weightGradient"))));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void lossesAndGradientsOnRandomShapes(DType dtype) {
        for (int trial = 0; trial < 16; trial++) {
            int rows = random.oneOf(1, 3, 17, 65, 130);
            int vocabulary = random.oneOf(1, 2, 17, 65, 300);
            new LossCase(dtype, rows, random.oneOf(1, 3, 17, 64), vocabulary, random.targets(rows, vocabulary), 1)
                    .check(random.oneOf(1, 2, 7, 64, 200), trial % 2 == 0 ? 0 : 0.01);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void largeLogits(DType dtype) {
        new LossCase(dtype, 20, 16, 50, random.targets(20, 50), 20).check(6, 1e-4);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void rowsThatAreAllIgnored(DType dtype) {
        int[] targets = new int[9];
        Arrays.fill(targets, Loss.IGNORED);
        new LossCase(dtype, 9, 5, 11, targets, 1).check(4, 0.01);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void targetsOutsideTheVocabularyAreRefused(DType dtype) {
        for (int bad : new int[] {-2, 7, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            Tensor hidden = normal(dtype, 3, 4);
            Tensor weight = normal(dtype, 7, 4);
            Tensor targets = integers(new int[] {6, -1, bad}, 3);
            Tensor workspace = unset(dtype, 2, 7);
            Tensor losses = unset(dtype, 3);
            Tensor logSumExp = unset(dtype, 3);
            Tensor hiddenGradient = unset(dtype, 3, 4);
            Tensor weightGradient = normal(dtype, 7, 4);
            byte[] before = bytes(weightGradient);
            assertRefused(
                    () -> backend.loss().classifierLoss(hidden, weight, targets, workspace, losses, logSumExp),
                    "classifierLoss",
                    "'targets'",
                    "" + bad,
                    "0..6");
            assertRefused(
                    () -> backend.loss()
                            .classifierLossAndGradient(
                                    hidden,
                                    weight,
                                    targets,
                                    0,
                                    1,
                                    workspace,
                                    losses,
                                    logSumExp,
                                    hiddenGradient,
                                    weightGradient),
                    "classifierLossAndGradient",
                    "'targets'",
                    "" + bad,
                    "0..6");
            assertThat(bytes(weightGradient))
                    .as("weightGradient after the refusal")
                    .isEqualTo(before);
            assertThat(read(losses)).as("losses after the refusal").containsOnly(Double.NaN);
        }
    }

    /** One set of random inputs, with and without gradients. */
    private final class LossCase {
        private final DType dtype;
        private final int rows;
        private final int size;
        private final int vocabulary;
        private final int[] targets;
        private final double[] hidden;
        private final double[] weight;

        LossCase(DType dtype, int rows, int size, int vocabulary, int[] targets, double scale) {
            this.dtype = dtype;
            this.rows = rows;
            this.size = size;
            this.vocabulary = vocabulary;
            this.targets = targets;
            this.hidden = random.normal(dtype, rows * size, scale);
            this.weight = random.normal(dtype, vocabulary * size, 1);
        }

        void check(int chunk, double zLossWeight) {
            String what = " of N " + rows + ", D " + size + ", V " + vocabulary + ", chunk " + chunk;
            double[] logits = LossLoops.logits(hidden, weight, size);
            double logitSize = Arrays.stream(logits).map(Math::abs).max().orElseThrow();
            Tensor heldHidden = tensor(dtype, hidden, rows, size);
            Tensor heldWeight = tensor(dtype, weight, vocabulary, size);
            Tensor heldTargets = integers(targets, rows);
            Tensor losses = unset(dtype, rows);
            Tensor logSumExp = unset(dtype, rows);
            backend.loss()
                    .classifierLoss(
                            heldHidden, heldWeight, heldTargets, unset(dtype, chunk, vocabulary), losses, logSumExp);
            assertClose("losses" + what, losses, LossLoops.losses(logits, targets), logitSize);
            assertClose("logSumExp" + what, logSumExp, LossLoops.logSumExp(logits, targets), logitSize);

            double scale = 1.0 / rows;
            double[] weightGradient = random.normal(dtype, weight.length, scale);
            Tensor accumulated = tensor(dtype, weightGradient, vocabulary, size);
            Tensor hiddenGradient = unset(dtype, rows, size);
            Tensor lossesAgain = unset(dtype, rows);
            Tensor logSumExpAgain = unset(dtype, rows);
            backend.loss()
                    .classifierLossAndGradient(
                            heldHidden,
                            heldWeight,
                            heldTargets,
                            zLossWeight,
                            scale,
                            unset(dtype, chunk, vocabulary),
                            lossesAgain,
                            logSumExpAgain,
                            hiddenGradient,
                            accumulated);
            assertClose("losses beside gradients" + what, lossesAgain, LossLoops.losses(logits, targets), logitSize);
            assertClose(
                    "logSumExp beside gradients" + what,
                    logSumExpAgain,
                    LossLoops.logSumExp(logits, targets),
                    logitSize);

            double[] logitsGradient = LossLoops.logitsGradient(logits, targets, zLossWeight, scale);
            double[] expectedHidden =
                    LinearAlgebraLoops.matmul(logitsGradient, false, weight, false, rows, vocabulary, size);
            double[] product = LinearAlgebraLoops.matmul(logitsGradient, true, hidden, false, vocabulary, rows, size);
            for (int index = 0; index < product.length; index++) {
                weightGradient[index] += product[index];
            }
            // An error of a logit is a relative error of its probability, so it grows with the logits.
            double gradientSize = scale * logitSize;
            double hiddenSize = Arrays.stream(hidden).map(Math::abs).max().orElseThrow();
            assertClose("hiddenGradient" + what, hiddenGradient, expectedHidden, gradientSize);
            assertClose("weightGradient" + what, accumulated, weightGradient, gradientSize * hiddenSize);
            for (int n = 0; n < rows; n++) {
                if (targets[n] == Loss.IGNORED) {
                    assertIgnoredRowIsZero(n, lossesAgain, logSumExpAgain, hiddenGradient);
                }
            }
        }

        private void assertIgnoredRowIsZero(int row, Tensor losses, Tensor logSumExp, Tensor hiddenGradient) {
            assertThat(read(losses)[row]).as("loss of ignored row %d", row).isZero();
            assertThat(read(logSumExp)[row])
                    .as("logSumExp of ignored row %d", row)
                    .isZero();
            double[] rowGradient = Arrays.copyOfRange(read(hiddenGradient), row * size, (row + 1) * size);
            assertThat(Arrays.stream(rowGradient).map(Math::abs).sum())
                    .as("hiddenGradient of ignored row %d", row)
                    .isZero();
        }
    }
}

package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** Holds {@link org.sluice.tensor.LinearAlgebra} against {@link LinearAlgebraLoops}. */
abstract class LinearAlgebraContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                Operation.named("matmul")
                        .reads("left", normal(dtype, 129, 257))
                        .reads("right", normal(dtype, 257, 130))
                        .writes("out", normal(dtype, 129, 130))
                        .calling(a -> backend.linearAlgebra()
                                .matmul(a.apply("left"), false, a.apply("right"), false, a.apply("out"), true)),
                Operation.named("embed")
                        .reads("table", normal(dtype, 70, 65))
                        .reads("tokens", integers(random.tokens(300, 70), 300))
                        .writes("out", normal(dtype, 300, 65))
                        .calling(a ->
                                backend.linearAlgebra().embed(a.apply("table"), a.apply("tokens"), a.apply("out"))),
                Operation.named("embedBackward")
                        .reads("outGradient", normal(dtype, 300, 65))
                        .reads("tokens", integers(random.tokens(300, 70), 300))
                        .writes("tableGradient", normal(dtype, 70, 65))
                        .calling(a -> backend.linearAlgebra()
                                .embedBackward(a.apply("outGradient"), a.apply("tokens"), a.apply("tableGradient"))));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void matmulWithAllTransposesAndAccumulation(DType dtype) {
        for (int trial = 0; trial < 40; trial++) {
            int rows = random.oneOf(1, 2, 3, 17, 31, 65, 128, 130);
            int inner = random.oneOf(1, 3, 17, 31, 64, 65, 129);
            int columns = random.oneOf(1, 2, 3, 17, 31, 65, 96, 127);
            boolean transposeLeft = (trial & 1) != 0;
            boolean transposeRight = (trial & 2) != 0;
            boolean accumulate = (trial & 4) != 0;
            double[] left = random.normal(dtype, rows * inner, 1);
            double[] right = random.normal(dtype, inner * columns, 1);
            double[] before = random.normal(dtype, rows * columns, 1);
            Tensor out = accumulate ? tensor(dtype, before, rows, columns) : unset(dtype, rows, columns);
            backend.linearAlgebra()
                    .matmul(
                            transposeLeft ? tensor(dtype, left, inner, rows) : tensor(dtype, left, rows, inner),
                            transposeLeft,
                            transposeRight
                                    ? tensor(dtype, right, columns, inner)
                                    : tensor(dtype, right, inner, columns),
                            transposeRight,
                            out,
                            accumulate);
            double[] expected =
                    LinearAlgebraLoops.matmul(left, transposeLeft, right, transposeRight, rows, inner, columns);
            for (int index = 0; accumulate && index < expected.length; index++) {
                expected[index] += before[index];
            }
            assertClose(
                    "matmul, transposed " + transposeLeft + ", " + transposeRight + ", accumulate " + accumulate
                            + ", inner " + inner,
                    out,
                    expected);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void matmulOnSlicesOfOneTensor(DType dtype) {
        double[] flat = random.normal(dtype, 7 + 6 * 5 + 5 * 9, 1);
        Tensor parameters = tensor(dtype, flat, flat.length);
        Tensor gradients = unset(dtype, 100);
        Tensor out = gradients.slice("out", 3, Shape.of(6, 9));
        backend.linearAlgebra()
                .matmul(
                        parameters.slice("left", 7, Shape.of(6, 5)),
                        false,
                        parameters.slice("right", 7 + 30, Shape.of(5, 9)),
                        false,
                        out,
                        false);
        double[] left = java.util.Arrays.copyOfRange(flat, 7, 37);
        double[] right = java.util.Arrays.copyOfRange(flat, 37, flat.length);
        assertClose("matmul on slices", out, LinearAlgebraLoops.matmul(left, false, right, false, 6, 5, 9));
        double[] around = read(gradients);
        assertThat(around[2]).as("the element before the slice").isNaN();
        assertThat(around[3 + 54]).as("the element after the slice").isNaN();
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void matmulNamesTheDimensionThatDoesNotFit(DType dtype) {
        Tensor left = normal(dtype, 3, 4);
        Tensor right = normal(dtype, 5, 6);
        Tensor out = unset(dtype, 3, 6);
        assertRefused(
                () -> backend.linearAlgebra().matmul(left, false, right, false, out, false),
                "matmul",
                "'right'",
                "[5, 6]",
                "[4, 6]");
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void embedAndItsBackward(DType dtype) {
        for (int trial = 0; trial < 10; trial++) {
            int vocabulary = random.oneOf(1, 3, 17, 100);
            int hidden = random.oneOf(1, 3, 31, 65, 128);
            int[] tokens = random.tokens(random.oneOf(1, 5, 33, 257), vocabulary);
            double[] table = random.normal(dtype, vocabulary * hidden, 1);
            Tensor out = unset(dtype, tokens.length, hidden);
            Tensor held = integers(tokens, tokens.length);
            backend.linearAlgebra().embed(tensor(dtype, table, vocabulary, hidden), held, out);
            assertThat(read(out))
                    .as("embed, %s", random.description())
                    .containsExactly(LinearAlgebraLoops.embed(table, tokens, hidden));

            double[] outGradient = random.normal(dtype, tokens.length * hidden, 1);
            double[] tableGradient = random.normal(dtype, vocabulary * hidden, 1);
            Tensor accumulated = tensor(dtype, tableGradient, vocabulary, hidden);
            backend.linearAlgebra().embedBackward(tensor(dtype, outGradient, tokens.length, hidden), held, accumulated);
            LinearAlgebraLoops.embedBackward(outGradient, tokens, hidden, tableGradient);
            assertClose("embedBackward", accumulated, tableGradient);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void tokensOutsideTheVocabularyAreRefused(DType dtype) {
        for (int bad : new int[] {-1, 7, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            Tensor tokens = integers(new int[] {0, 6, bad, 3}, 4);
            Tensor table = normal(dtype, 7, 5);
            Tensor rows = normal(dtype, 4, 5);
            byte[] before = bytes(rows);
            assertRefused(
                    () -> backend.linearAlgebra().embed(table, tokens, rows), "embed", "'tokens'", "" + bad, "0..6");
            assertThat(bytes(rows)).as("out after the refusal").isEqualTo(before);
            byte[] gradientBefore = bytes(table);
            assertRefused(
                    () -> backend.linearAlgebra().embedBackward(rows, tokens, table),
                    "embedBackward",
                    "'tokens'",
                    "" + bad,
                    "0..6");
            assertThat(bytes(table)).as("tableGradient after the refusal").isEqualTo(gradientBefore);
        }
    }
}

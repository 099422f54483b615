package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;

/** Holds {@link org.sluice.tensor.Statistics} against plain loops. */
abstract class StatisticsContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                statistic("sum", dtype, (x, out) -> backend.statistics().sum(x, out)),
                statistic(
                        "sumOfSquares", dtype, (x, out) -> backend.statistics().sumOfSquares(x, out)),
                statistic("maxAbsolute", dtype, (x, out) -> backend.statistics().maxAbsolute(x, out)));
    }

    private Operation statistic(String name, DType dtype, BiConsumer<Tensor, Tensor> call) {
        return Operation.named(name)
                .reads("x", normal(dtype, 31, 1001))
                .anyShape("x")
                .anyType("x")
                .writes("out", normal(DType.FLOAT64, 1))
                .calling(a -> call.accept(a.apply("x"), a.apply("out")));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void sumsAndLargest(DType dtype) {
        for (int trial = 0; trial < 12; trial++) {
            int count = random.oneOf(1, 2, 3, 17, 65, 1000, 50_001);
            double[] values = random.normal(dtype, count, 2);
            Tensor x = tensor(dtype, values, count);
            double terms = Arrays.stream(values).map(Math::abs).sum();
            // The sum over many float32 numbers is formed in double precision only where the contract says so.
            double tolerance = dtype == DType.FLOAT32 ? 1e-5 : 1e-12;
            Tensor out = unset(DType.FLOAT64, 1);
            backend.statistics().sum(x, out);
            assertScalar("sum", out, Arrays.stream(values).sum(), tolerance * terms);
            backend.statistics().sumOfSquares(x, out);
            double squares = Arrays.stream(values).map(value -> value * value).sum();
            assertScalar("sumOfSquares", out, squares, 1e-12 * squares);
            backend.statistics().maxAbsolute(x, out);
            assertScalar(
                    "maxAbsolute",
                    out,
                    Arrays.stream(values).map(Math::abs).max().orElseThrow(),
                    0);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void squaresThatOverflowTheTypeOfTheElements(DType dtype) {
        double[] values = {1e30, 1e30, 3};
        for (int index = 0; index < 3; index++) {
            values[index] = RandomCases.rounded(dtype, values[index]);
        }
        Tensor out = unset(DType.FLOAT64, 1);
        backend.statistics().sumOfSquares(tensor(dtype, values, 3), out);
        assertScalar("sumOfSquares", out, 2 * values[0] * values[0], 1e48);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void notANumberIsSeenWhereverItStands(DType dtype) {
        for (int position : new int[] {0, 1, 15, 16, 17, 500, 998, 999}) {
            double[] values = random.normal(dtype, 1000, 1);
            values[position] = Double.NaN;
            Tensor x = tensor(dtype, values, 1000);
            for (Operation operation : operations(dtype)) {
                Tensor out = tensor(DType.FLOAT64, new double[1], 1);
                operation.runWith("x", x, "out", out);
                assertThat(backend.memory().scalar(out))
                        .as("%s with a NaN at %d", operation.name(), position)
                        .isNaN();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void infinitiesAreTheLargest(DType dtype) {
        double[] values = random.normal(dtype, 100, 1);
        values[70] = Double.NEGATIVE_INFINITY;
        Tensor out = unset(DType.FLOAT64, 1);
        backend.statistics().maxAbsolute(tensor(dtype, values, 100), out);
        assertThat(backend.memory().scalar(out)).isEqualTo(Double.POSITIVE_INFINITY);
    }

    private void assertScalar(String what, Tensor out, double expected, double tolerance) {
        assertThat(backend.memory().scalar(out))
                .as("%s, %s", what, random.description())
                .isCloseTo(expected, within(tolerance));
    }
}

package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Tensor;
import org.sluice.tensor.contract.RouterLoops.Routing;

/** Holds the router of {@link org.sluice.tensor.Mixture} against {@link RouterLoops}. */
abstract class RouterContract extends FamilyContract {
    private static final int UNSET = -7;

    @Override
    List<Operation> operations(DType dtype) {
        int rows = 301;
        int experts = 19;
        int chosen = 3;
        RouterLoops router = new RouterLoops(experts, chosen, true);
        Routing routing = router.route(random.logitsApart(dtype, rows, experts), random.routed(rows));
        return List.of(
                Operation.named("route")
                        .reads("logits", normal(dtype, rows, experts))
                        .reads("routed", integers(random.routed(rows), rows))
                        .writes("probabilities", normal(dtype, rows, experts))
                        .writes("logSumExp", normal(dtype, rows))
                        .writes("experts", integers(rows, chosen))
                        .writes("weights", normal(dtype, rows, chosen))
                        .writes("places", integers(rows, chosen))
                        .writes("offsets", integers(experts + 1))
                        .mayBe("probabilities", "logits")
                        .calling(a -> backend.mixture()
                                .route(
                                        a.apply("logits"),
                                        a.apply("routed"),
                                        true,
                                        a.apply("probabilities"),
                                        a.apply("logSumExp"),
                                        a.apply("experts"),
                                        a.apply("weights"),
                                        a.apply("places"),
                                        a.apply("offsets"))),
                Operation.named("routerSums")
                        .reads("probabilities", normal(dtype, rows, experts))
                        .reads("logSumExp", normal(dtype, rows))
                        .writes("probabilitySums", normal(DType.FLOAT64, experts))
                        .writes("squares", normal(DType.FLOAT64, 1))
                        .calling(a -> backend.mixture()
                                .routerSums(
                                        a.apply("probabilities"),
                                        a.apply("logSumExp"),
                                        a.apply("probabilitySums"),
                                        a.apply("squares"))),
                Operation.named("routeBackward")
                        .reads("weightsGradient", normal(dtype, rows, chosen))
                        .reads("probabilities", tensor(dtype, routing.probabilities(), rows, experts))
                        .reads("logSumExp", tensor(dtype, routing.logSumExp(), rows))
                        .reads("experts", integers(routing.experts(), rows, chosen))
                        .reads("weights", tensor(dtype, routing.weights(), rows, chosen))
                        .reads("probabilityGradient", normal(DType.FLOAT64, experts))
                        .writes("logitsGradient", normal(dtype, rows, experts))
                        .mayBe("logitsGradient", "probabilities")
                        .calling(a -> backend.mixture()
                                .routeBackward(
                                        a.apply("weightsGradient"),
                                        a.apply("probabilities"),
                                        a.apply("logSumExp"),
                                        a.apply("experts"),
                                        a.apply("weights"),
                                        true,
                                        a.apply("probabilityGradient"),
                                        0.1,
                                        a.apply("logitsGradient"))));
    }

    private Tensor integers(long... dimensions) {
        int[] values = new int[(int) Arrays.stream(dimensions).reduce(1, (a, b) -> a * b)];
        Arrays.fill(values, UNSET);
        return integers(values, dimensions);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void routeItsSumsAndItsBackward(DType dtype) {
        for (int trial = 0; trial < 24; trial++) {
            int rows = random.oneOf(1, 2, 3, 17, 65, 300);
            int experts = random.oneOf(1, 2, 3, 7, 16, 33, 128);
            int chosen = trial % 4 == 0 ? experts : 1 + random.below(Math.min(experts, 8));
            RouterLoops router = new RouterLoops(experts, chosen, trial % 2 == 0);
            double[] logits = random.logitsApart(dtype, rows, experts);
            routeAndBack(dtype, router, logits, trial % 3 == 0 ? ones(rows) : random.routed(rows));
        }
    }

    private void routeAndBack(DType dtype, RouterLoops router, double[] logits, int[] routed) {
        int rows = routed.length;
        int experts = router.expertCount();
        Held held = route(dtype, router, logits, routed);
        Routing expected = router.route(logits, routed);
        assertRouting(held, expected);

        Tensor sums = unset(DType.FLOAT64, experts);
        Tensor squares = unset(DType.FLOAT64, 1);
        backend.mixture().routerSums(held.probabilities(), held.logSumExp(), sums, squares);
        double terms = Arrays.stream(read(held.probabilities())).sum();
        assertThat(read(sums))
                .as("probabilitySums, %s", random.description())
                .containsExactly(router.probabilitySums(read(held.probabilities())), within(1e-12 * terms));
        double expectedSquares = RouterLoops.squares(read(held.logSumExp()));
        assertThat(backend.memory().scalar(squares)).isCloseTo(expectedSquares, within(1e-12 * expectedSquares));

        double[] weightsGradient = random.normal(dtype, rows * router.chosen(), 1);
        double[] probabilityGradient = random.normal(DType.FLOAT64, experts, 1);
        Tensor logitsGradient = unset(dtype, rows, experts);
        backend.mixture()
                .routeBackward(
                        tensor(dtype, weightsGradient, rows, router.chosen()),
                        held.probabilities(),
                        held.logSumExp(),
                        held.experts(),
                        held.weights(),
                        router.normalised(),
                        tensor(DType.FLOAT64, probabilityGradient, experts),
                        0.05,
                        logitsGradient);
        assertClose(
                "logitsGradient of " + router,
                logitsGradient,
                router.routeBackward(weightsGradient, expected, probabilityGradient, 0.05),
                1);
        assertUnroutedRowsAreZero(logitsGradient, routed);
    }

    /** What {@link org.sluice.tensor.Mixture#route} wrote. */
    private record Held(
            Tensor probabilities, Tensor logSumExp, Tensor experts, Tensor weights, Tensor places, Tensor offsets) {}

    private Held route(DType dtype, RouterLoops router, double[] logits, int[] routed) {
        int rows = routed.length;
        Held held = new Held(
                unset(dtype, rows, router.expertCount()),
                unset(dtype, rows),
                integers(rows, router.chosen()),
                unset(dtype, rows, router.chosen()),
                integers(rows, router.chosen()),
                integers(router.expertCount() + 1));
        backend.mixture()
                .route(
                        tensor(dtype, logits, rows, router.expertCount()),
                        integers(routed, rows),
                        router.normalised(),
                        held.probabilities(),
                        held.logSumExp(),
                        held.experts(),
                        held.weights(),
                        held.places(),
                        held.offsets());
        return held;
    }

    private void assertRouting(Held held, Routing expected) {
        String seed = random.description();
        assertThat(readIntegers(held.experts())).as("experts, %s", seed).isEqualTo(expected.experts());
        assertThat(readIntegers(held.places())).as("places, %s", seed).isEqualTo(expected.places());
        assertThat(readIntegers(held.offsets())).as("offsets, %s", seed).isEqualTo(expected.offsets());
        assertClose("probabilities", held.probabilities(), expected.probabilities());
        assertClose("logSumExp", held.logSumExp(), expected.logSumExp());
        assertClose("weights", held.weights(), expected.weights());
    }

    private void assertUnroutedRowsAreZero(Tensor tensor, int[] routed) {
        double[] values = read(tensor);
        int width = values.length / routed.length;
        for (int n = 0; n < routed.length; n++) {
            for (int index = n * width; index < (n + 1) * width && routed[n] == 0; index++) {
                assertThat(values[index] == 0)
                        .as("row %d, which is not routed, is %s at %d", n, values[index], index)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void ofEqualLogitsTheLowestExpertsAreChosen(DType dtype) {
        double[] logits = new double[200 * 37];
        for (int index = 0; index < logits.length; index++) {
            logits[index] = random.oneOf(-1, 0, 1);
        }
        Arrays.fill(logits, 0, 37, 0.3);
        logits[37] = -0.0;
        RouterLoops router = new RouterLoops(37, 5, true);
        Held held = route(dtype, router, logits, ones(200));
        assertThat(Arrays.copyOf(readIntegers(held.experts()), 5)).containsExactly(0, 1, 2, 3, 4);
        assertRouting(held, router.route(logits, ones(200)));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void oneExpertMayTakeEverythingAndOthersNothing(DType dtype) {
        int rows = 70;
        double[] logits = random.logitsApart(dtype, rows, 9);
        for (int n = 0; n < rows; n++) {
            logits[n * 9 + 4] = 60;
            logits[n * 9 + 7] = 50;
        }
        RouterLoops router = new RouterLoops(9, 2, false);
        Held held = route(dtype, router, logits, ones(rows));
        assertThat(readIntegers(held.offsets())).containsExactly(0, 0, 0, 0, 0, rows, rows, rows, 2 * rows, 2 * rows);
        assertRouting(held, router.route(logits, ones(rows)));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void logitsFarApartNeitherOverflowNorGiveNaN(DType dtype) {
        double[] logits = {1e30, -1e30, 0, -1000, 1000, 999, 3e38, -3e38, 3e38};
        for (int index = 0; index < logits.length; index++) {
            logits[index] = RandomCases.rounded(dtype, logits[index]);
        }
        RouterLoops router = new RouterLoops(3, 2, true);
        assertRouting(route(dtype, router, logits, ones(3)), router.route(logits, ones(3)));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void noRowAtAllMayBeRouted(DType dtype) {
        double[] logits = new double[5 * 3];
        Arrays.fill(logits, Double.NaN);
        routeAndBack(dtype, new RouterLoops(3, 2, true), logits, new int[5]);
    }

    /** A NaN is for the guards of the training step to find; until then each row has experts of its own and each choice a place. */
    @ParameterizedTest
    @MethodSource("dtypes")
    void notANumberIsRoutedSomewhere(DType dtype) {
        int rows = 40;
        double[] logits = random.normal(dtype, rows * 6, 1);
        for (int index = 0; index < logits.length; index++) {
            logits[index] = random.below(3) == 0 ? Double.NaN : logits[index];
        }
        Held held = route(dtype, new RouterLoops(6, 3, true), logits, ones(rows));
        int[] experts = readIntegers(held.experts());
        for (int n = 0; n < rows; n++) {
            int[] chosen = Arrays.copyOfRange(experts, n * 3, (n + 1) * 3);
            assertThat(chosen).as("experts of row %d", n).doesNotHaveDuplicates();
            assertThat(chosen[0] >= 0 && chosen[1] >= 0 && chosen[2] >= 0).isTrue();
        }
        assertThat(readIntegers(held.places()))
                .containsExactlyInAnyOrder(IntStream.range(0, rows * 3).toArray());
        assertThat(readIntegers(held.offsets())[6]).isEqualTo(rows * 3);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void badNumbersAreRefused(DType dtype) {
        for (int bad : new int[] {-1, 2, Integer.MIN_VALUE}) {
            assertRefused(
                    () -> route(dtype, new RouterLoops(3, 2, true), new double[6], new int[] {1, bad}),
                    "route",
                    "'routed'",
                    "" + bad,
                    "row 1");
        }
        Operation backward = operations(dtype).get(2);
        for (int bad : new int[] {-2, 19, Integer.MAX_VALUE}) {
            int[] experts = new int[301 * 3];
            experts[5] = bad;
            assertRefused(
                    () -> backward.runWith("experts", integers(experts, 301, 3)),
                    "routeBackward",
                    "'experts'",
                    "" + bad,
                    "position 5",
                    "0..18");
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void moreChoicesThanExpertsAreRefused(DType dtype) {
        assertRefused(
                () -> route(dtype, new RouterLoops(3, 4, true), new double[6], ones(2)),
                "route",
                "'experts'",
                "k = 4",
                "X = 3");
    }

    private static int[] ones(int rows) {
        int[] routed = new int[rows];
        Arrays.fill(routed, 1);
        return routed;
    }
}

package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;
import org.sluice.tensor.contract.RouterLoops.Routing;

/**
 * Holds {@link org.sluice.tensor.Mixture} without its router against {@link MixtureLoops}. Permuted rows that no row of the batch has
 * hold NaN wherever an operation could read them.
 */
abstract class MixtureContract extends FamilyContract {

    @Override
    List<Operation> operations(DType dtype) {
        int rows = 203;
        int chosen = 3;
        int permuted = rows * chosen;
        int[] routed = new int[rows];
        Arrays.fill(routed, 1);
        Routing routing = new RouterLoops(7, chosen, true).route(random.logitsApart(dtype, rows, 7), routed);
        Tensor places = integers(routing.places(), rows, chosen);
        Tensor offsets = integers(routing.offsets(), 8);
        return List.of(
                Operation.named("permute")
                        .reads("x", normal(dtype, rows, 65))
                        .reads("places", places)
                        .writes("out", normal(dtype, permuted, 65))
                        .calling(a -> backend.mixture().permute(a.apply("x"), a.apply("places"), a.apply("out"))),
                Operation.named("permuteBackward")
                        .reads("outGradient", normal(dtype, permuted, 65))
                        .reads("places", places)
                        .writes("xGradient", normal(dtype, rows, 65))
                        .calling(a -> backend.mixture()
                                .permuteBackward(a.apply("outGradient"), a.apply("places"), a.apply("xGradient"))),
                Operation.named("groupedMatmul")
                        .reads("left", normal(dtype, permuted, 65))
                        .reads("right", normal(dtype, 7, 34, 65))
                        .reads("offsets", offsets)
                        .writes("out", normal(dtype, permuted, 34))
                        .calling(a -> backend.mixture()
                                .groupedMatmul(
                                        a.apply("left"),
                                        a.apply("right"),
                                        true,
                                        a.apply("offsets"),
                                        a.apply("out"),
                                        true)),
                Operation.named("groupedWeightGradient")
                        .reads("outGradient", normal(dtype, permuted, 34))
                        .reads("left", normal(dtype, permuted, 65))
                        .reads("offsets", offsets)
                        .writes("weightGradient", normal(dtype, 7, 34, 65))
                        .calling(a -> backend.mixture()
                                .groupedWeightGradient(
                                        a.apply("outGradient"),
                                        a.apply("left"),
                                        a.apply("offsets"),
                                        a.apply("weightGradient"))),
                Operation.named("combine")
                        .reads("expertOut", normal(dtype, permuted, 65))
                        .reads("places", places)
                        .reads("weights", normal(dtype, rows, chosen))
                        .writes("out", normal(dtype, rows, 65))
                        .calling(a -> backend.mixture()
                                .combine(a.apply("expertOut"), a.apply("places"), a.apply("weights"), a.apply("out"))),
                Operation.named("combineBackward")
                        .reads("outGradient", normal(dtype, rows, 65))
                        .reads("expertOut", normal(dtype, permuted, 65))
                        .reads("places", places)
                        .reads("weights", normal(dtype, rows, chosen))
                        .writes("expertOutGradient", normal(dtype, permuted, 65))
                        .writes("weightsGradient", normal(dtype, rows, chosen))
                        .mayBe("expertOutGradient", "expertOut")
                        .calling(a -> backend.mixture()
                                .combineBackward(
                                        a.apply("outGradient"),
                                        a.apply("expertOut"),
                                        a.apply("places"),
                                        a.apply("weights"),
                                        a.apply("expertOutGradient"),
                                        a.apply("weightsGradient"))));
    }

    private RouterLoops randomRouter() {
        int experts = random.oneOf(1, 2, 3, 7, 16, 33);
        return new RouterLoops(experts, 1 + random.below(Math.min(experts, 5)), random.below(2) == 0);
    }

    private Routing randomRouting(RouterLoops router, int rows) {
        return router.route(random.logitsApart(DType.FLOAT64, rows, router.expertCount()), random.routed(rows));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void permuteAndCombineWithTheirBackwards(DType dtype) {
        for (int trial = 0; trial < 20; trial++) {
            int rows = random.oneOf(1, 2, 17, 65, 130);
            int size = random.oneOf(1, 3, 17, 64, 65, 257);
            RouterLoops router = randomRouter();
            permuteAndCombine(dtype, randomRouting(router, rows), rows, router.chosen(), size, trial % 2 == 0);
        }
    }

    private void permuteAndCombine(DType dtype, Routing routing, int rows, int chosen, int size, boolean inPlace) {
        int[] places = routing.places();
        Tensor heldPlaces = integers(places, rows, chosen);
        double[] x = random.normal(dtype, rows * size, 1);
        Tensor permuted = unset(dtype, (long) rows * chosen, size);
        backend.mixture().permute(tensor(dtype, x, rows, size), heldPlaces, permuted);
        double[] expertOut = MixtureLoops.permute(x, places, chosen, size);
        assertThat(read(permuted)).as("permute, %s", random.description()).containsExactly(expertOut);

        double[] xGradient = random.normal(dtype, rows * size, 1);
        Tensor accumulated = tensor(dtype, xGradient, rows, size);
        backend.mixture().permuteBackward(permuted, heldPlaces, accumulated);
        MixtureLoops.permuteBackward(expertOut, places, chosen, size, xGradient);
        assertClose("permuteBackward", accumulated, xGradient);

        double[] weights = random.normal(dtype, rows * chosen, 1);
        Tensor heldWeights = tensor(dtype, weights, rows, chosen);
        Tensor out = unset(dtype, rows, size);
        backend.mixture().combine(permuted, heldPlaces, heldWeights, out);
        assertClose("combine", out, MixtureLoops.combine(expertOut, places, weights, chosen, size), 0.1);

        double[] outGradient = random.normal(dtype, rows * size, 1);
        Tensor expertOutGradient = inPlace ? permuted : unset(dtype, (long) rows * chosen, size);
        Tensor weightsGradient = unset(dtype, rows, chosen);
        Tensor heldGradient = tensor(dtype, outGradient, rows, size);
        backend.mixture()
                .combineBackward(heldGradient, permuted, heldPlaces, heldWeights, expertOutGradient, weightsGradient);
        assertUsedRowsClose(
                "expertOutGradient",
                expertOutGradient,
                routing,
                MixtureLoops.combineExpertOutGradient(outGradient, places, weights, chosen, size));
        assertClose(
                "weightsGradient",
                weightsGradient,
                MixtureLoops.combineWeightsGradient(outGradient, expertOut, places, chosen, size),
                1);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void groupedProducts(DType dtype) {
        for (int trial = 0; trial < 24; trial++) {
            int rows = random.oneOf(1, 2, 17, 65, 130);
            int inner = random.oneOf(1, 3, 17, 64, 65);
            int columns = random.oneOf(1, 2, 17, 31, 64, 96);
            RouterLoops router = randomRouter();
            groupedProducts(
                    dtype,
                    randomRouting(router, rows),
                    rows * router.chosen(),
                    inner,
                    columns,
                    (trial & 1) == 0,
                    trial % 3 == 0);
        }
    }

    /** Groups so large that a backend may cut them, beside empty ones and groups of one row. */
    @ParameterizedTest
    @MethodSource("dtypes")
    void productsOfLargeAndEmptyGroups(DType dtype) {
        for (int[] groups : new int[][] {{0, 0, 2000, 0}, {1, 700, 0, 1299}, {257, 256, 255, 1}, {1100, 0, 0, 0}}) {
            int[] offsets = new int[5];
            for (int x = 0; x < 4; x++) {
                offsets[x + 1] = offsets[x] + groups[x];
            }
            Routing routing = new Routing(null, null, null, null, null, offsets);
            groupedProducts(dtype, routing, 2000, 33, 18, true, false);
            groupedProducts(dtype, routing, 2000, 18, 33, false, true);
        }
    }

    private void groupedProducts(
            DType dtype,
            Routing routing,
            int rows,
            int inner,
            int columns,
            boolean transposeRight,
            boolean accumulate) {
        int experts = routing.offsets().length - 1;
        Tensor offsets = integers(routing.offsets(), experts + 1);
        double[] left = withoutUnused(random.normal(dtype, rows * inner, 1), routing, inner);
        double[] right = random.normal(dtype, experts * inner * columns, 1);
        double[] before = withoutUnused(random.normal(dtype, rows * columns, 1), routing, columns);
        Tensor heldLeft = tensor(dtype, left, rows, inner);
        Tensor out = accumulate ? tensor(dtype, before, rows, columns) : unset(dtype, rows, columns);
        Tensor heldRight = transposeRight
                ? tensor(dtype, right, experts, columns, inner)
                : tensor(dtype, right, experts, inner, columns);
        backend.mixture().groupedMatmul(heldLeft, heldRight, transposeRight, offsets, out, accumulate);
        double[] expected =
                MixtureLoops.groupedMatmul(left, right, transposeRight, routing.offsets(), rows, inner, columns);
        for (int index = 0; accumulate && index < expected.length; index++) {
            expected[index] += before[index];
        }
        assertUsedRowsClose("groupedMatmul of " + Arrays.toString(routing.offsets()), out, routing, expected);

        double[] weightGradient = random.normal(dtype, experts * columns * inner, 1);
        Tensor accumulated = tensor(dtype, weightGradient, experts, columns, inner);
        Tensor outGradient = tensor(dtype, before, rows, columns);
        backend.mixture().groupedWeightGradient(outGradient, heldLeft, offsets, accumulated);
        MixtureLoops.groupedWeightGradient(before, left, routing.offsets(), inner, columns, weightGradient);
        assertClose("groupedWeightGradient of " + Arrays.toString(routing.offsets()), accumulated, weightGradient);
    }

    private static double[] withoutUnused(double[] values, Routing routing, int size) {
        Arrays.fill(values, routing.usedRows() * size, values.length, Double.NaN);
        return values;
    }

    private void assertUsedRowsClose(String what, Tensor actual, Routing routing, double[] expected) {
        long size = actual.shape().dimension(1);
        if (routing.usedRows() > 0) {
            Tensor used = actual.slice(what, 0, Shape.of(routing.usedRows(), size));
            assertClose(what, used, Arrays.copyOf(expected, routing.usedRows() * (int) size));
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void theWholeMixtureTokenByToken(DType dtype) {
        for (int trial = 0; trial < 16; trial++) {
            RouterLoops router = randomRouter();
            int inner = random.oneOf(1, 3, 17, 65);
            int columns = random.oneOf(1, 3, 31, 64);
            new WholeMixture(dtype, router, random.oneOf(1, 2, 17, 65, 150), inner, columns).check();
        }
    }

    /** Router, experts and back, on the backend and in the loops of the definition. */
    private final class WholeMixture {
        private final DType dtype;
        private final RouterLoops router;
        private final UnpermutedMixtureLoops loops;
        private final int rows;
        private final int inner;
        private final int columns;
        private final double[] x;
        private final double[] expertWeights;
        private final double[] outGradient;
        private final double[] probabilityGradient;
        private final Routing routing;
        private final Tensor logits;
        private final Tensor heldX;
        private final Tensor heldWeights;
        private final Tensor routed;

        WholeMixture(DType dtype, RouterLoops router, int rows, int inner, int columns) {
            this.dtype = dtype;
            this.router = router;
            this.rows = rows;
            this.inner = inner;
            this.columns = columns;
            int experts = router.expertCount();
            loops = new UnpermutedMixtureLoops(router, inner, columns);
            x = random.normal(dtype, rows * inner, 1);
            expertWeights = random.normal(dtype, experts * columns * inner, 1);
            outGradient = random.normal(dtype, rows * columns, 1);
            probabilityGradient = random.normal(DType.FLOAT64, experts, 1);
            double[] z = random.logitsApart(dtype, rows, experts);
            int[] mask = random.routed(rows);
            routing = router.route(z, mask);
            logits = tensor(dtype, z, rows, experts);
            heldX = tensor(dtype, x, rows, inner);
            heldWeights = tensor(dtype, expertWeights, experts, columns, inner);
            routed = integers(mask, rows);
        }

        void check() {
            int experts = router.expertCount();
            int chosen = router.chosen();
            int permutedRows = rows * chosen;
            Tensor logSumExp = unset(dtype, rows);
            Tensor chosenExperts = integers(new int[permutedRows], rows, chosen);
            Tensor weights = unset(dtype, rows, chosen);
            Tensor places = integers(new int[permutedRows], rows, chosen);
            Tensor offsets = integers(new int[experts + 1], experts + 1);
            backend.mixture()
                    .route(
                            logits,
                            routed,
                            router.normalised(),
                            logits,
                            logSumExp,
                            chosenExperts,
                            weights,
                            places,
                            offsets);
            Tensor permuted = unset(dtype, permutedRows, inner);
            backend.mixture().permute(heldX, places, permuted);
            Tensor expertOut = unset(dtype, permutedRows, columns);
            backend.mixture().groupedMatmul(permuted, heldWeights, true, offsets, expertOut, false);
            Tensor out = unset(dtype, rows, columns);
            backend.mixture().combine(expertOut, places, weights, out);
            assertClose("out of " + router, out, loops.forward(x, expertWeights, routing), weightSize());

            Tensor weightsGradient = unset(dtype, rows, chosen);
            Tensor heldGradient = tensor(dtype, outGradient, rows, columns);
            backend.mixture().combineBackward(heldGradient, expertOut, places, weights, expertOut, weightsGradient);
            Tensor weightGradient = tensor(dtype, new double[expertWeights.length], experts, columns, inner);
            backend.mixture().groupedWeightGradient(expertOut, permuted, offsets, weightGradient);
            backend.mixture().groupedMatmul(expertOut, heldWeights, false, offsets, permuted, false);
            Tensor xGradient = tensor(dtype, new double[x.length], rows, inner);
            backend.mixture().permuteBackward(permuted, places, xGradient);
            Tensor coefficients = tensor(DType.FLOAT64, probabilityGradient, experts);
            backend.mixture()
                    .routeBackward(
                            weightsGradient,
                            logits,
                            logSumExp,
                            chosenExperts,
                            weights,
                            router.normalised(),
                            coefficients,
                            0.02,
                            logits);
            assertGradients(xGradient, weightGradient, weightsGradient);
        }

        /** The typical weight of a choice, and so the size of a term of what is weighted: numbers of a size of 1. */
        private double weightSize() {
            return Math.sqrt(Arrays.stream(routing.weights())
                    .map(weight -> weight * weight)
                    .average()
                    .orElseThrow());
        }

        private void assertGradients(Tensor xGradient, Tensor weightGradient, Tensor weightsGradient) {
            UnpermutedMixtureLoops.Gradients expected = loops.backward(outGradient, x, expertWeights, routing);
            assertClose("xGradient of " + router, xGradient, expected.x(), weightSize());
            assertClose("weightGradient of " + router, weightGradient, expected.expertWeights(), weightSize());
            double termSize = Math.sqrt((double) inner * columns);
            assertClose("weightsGradient of " + router, weightsGradient, expected.combination(), termSize);
            assertClose(
                    "logitsGradient of " + router,
                    logits,
                    router.routeBackward(expected.combination(), routing, probabilityGradient, 0.02),
                    termSize);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void placesAndOffsetsOutsideThePermutedRowsAreRefused(DType dtype) {
        for (Operation operation : operations(dtype)) {
            if (operation.arguments().containsKey("places")) {
                int[] places = new int[203 * 3];
                for (int bad : new int[] {-2, 203 * 3, Integer.MAX_VALUE}) {
                    places[4] = bad;
                    Tensor held = integers(places, 203, 3);
                    assertRefused(
                            () -> operation.runWith("places", held),
                            operation.name(),
                            "'places'",
                            "" + bad,
                            "position 4",
                            "0..608");
                }
            } else {
                for (int[] bad : new int[][] {{0, 9, 8}, {-1, 0, 0}, {0, 0, 610}}) {
                    Tensor held = integers(Arrays.copyOf(bad, 8), 8);
                    assertRefused(() -> operation.runWith("offsets", held), operation.name(), "'offsets'", "609");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void groupedMatmulNamesTheDimensionThatDoesNotFit(DType dtype) {
        Tensor left = normal(dtype, 6, 4);
        Tensor right = normal(dtype, 2, 5, 3);
        Tensor offsets = integers(new int[] {0, 2, 6}, 3);
        Tensor out = unset(dtype, 6, 5);
        assertRefused(
                () -> backend.mixture().groupedMatmul(left, right, true, offsets, out, false),
                "groupedMatmul",
                "'right'",
                "[2, 5, 3]",
                "[2, 5, 4]");
    }
}

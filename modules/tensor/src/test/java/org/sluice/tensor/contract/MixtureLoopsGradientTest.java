package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.sluice.tensor.contract.LoopsGradientTest.check;
import static org.sluice.tensor.contract.LoopsGradientTest.dot;
import static org.sluice.tensor.contract.LoopsGradientTest.normal;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.contract.RouterLoops.Routing;

/** As {@link LoopsGradientTest}, for {@link RouterLoops}, {@link MixtureLoops} and {@link UnpermutedMixtureLoops}. */
class MixtureLoopsGradientTest {
    private static final int ROWS = 6;
    private static final int EXPERTS = 5;
    private static final int CHOSEN = 3;
    private static final int INNER = 3;
    private static final int COLUMNS = 4;
    private static final int[] ROUTED = {1, 1, 0, 1, 1, 0};
    private static final double Z_SCALE = 0.07;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void weightsWithLoadBalanceAndZLoss(boolean normalised) {
        RandomCases random = RandomCases.of("MixtureLoopsGradientTest.router");
        RouterLoops router = new RouterLoops(EXPERTS, CHOSEN, normalised);
        double[] logits = random.logitsApart(DType.FLOAT64, ROWS, EXPERTS);
        double[] weightsGradient = normal(random, ROWS * CHOSEN);
        double[] probabilityGradient = normal(random, EXPERTS);
        check(
                random,
                logits,
                z -> {
                    Routing routing = router.route(z, ROUTED);
                    return dot(weightsGradient, routing.weights())
                            + dot(probabilityGradient, router.probabilitySums(routing.probabilities()))
                            + Z_SCALE * RouterLoops.squares(routing.logSumExp());
                },
                router.routeBackward(weightsGradient, router.route(logits, ROUTED), probabilityGradient, Z_SCALE));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void wholeMixture(boolean normalised) {
        RandomCases random = RandomCases.of("MixtureLoopsGradientTest.wholeMixture");
        RouterLoops router = new RouterLoops(EXPERTS, CHOSEN, normalised);
        UnpermutedMixtureLoops loops = new UnpermutedMixtureLoops(router, INNER, COLUMNS);
        double[] logits = random.logitsApart(DType.FLOAT64, ROWS, EXPERTS);
        double[] x = normal(random, ROWS * INNER);
        double[] expertWeights = normal(random, EXPERTS * COLUMNS * INNER);
        double[] outGradient = normal(random, ROWS * COLUMNS);
        Routing routing = router.route(logits, ROUTED);
        UnpermutedMixtureLoops.Gradients gradients = loops.backward(outGradient, x, expertWeights, routing);
        check(random, x, y -> dot(outGradient, loops.forward(y, expertWeights, routing)), gradients.x());
        check(random, expertWeights, w -> dot(outGradient, loops.forward(x, w, routing)), gradients.expertWeights());
        check(
                random,
                logits,
                z -> dot(outGradient, loops.forward(x, expertWeights, router.route(z, ROUTED))),
                router.routeBackward(gradients.combination(), routing, new double[EXPERTS], 0));
    }

    /** The operations one after the other are the mixture, for values and gradients. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void permutedStepsAreTheWholeMixture(boolean normalised) {
        RandomCases random = RandomCases.of("MixtureLoopsGradientTest.permutedSteps");
        RouterLoops router = new RouterLoops(EXPERTS, CHOSEN, normalised);
        UnpermutedMixtureLoops loops = new UnpermutedMixtureLoops(router, INNER, COLUMNS);
        Routing routing = router.route(random.logitsApart(DType.FLOAT64, ROWS, EXPERTS), ROUTED);
        int[] places = routing.places();
        int rows = ROWS * CHOSEN;
        double[] x = normal(random, ROWS * INNER);
        double[] expertWeights = normal(random, EXPERTS * COLUMNS * INNER);
        double[] outGradient = normal(random, ROWS * COLUMNS);
        double[] permuted = MixtureLoops.permute(x, places, CHOSEN, INNER);
        double[] expertOut =
                MixtureLoops.groupedMatmul(permuted, expertWeights, true, routing.offsets(), rows, INNER, COLUMNS);
        assertSame(
                MixtureLoops.combine(expertOut, places, routing.weights(), CHOSEN, COLUMNS),
                loops.forward(x, expertWeights, routing));

        double[] expertOutGradient =
                MixtureLoops.combineExpertOutGradient(outGradient, places, routing.weights(), CHOSEN, COLUMNS);
        double[] permutedGradient = MixtureLoops.groupedMatmul(
                expertOutGradient, expertWeights, false, routing.offsets(), rows, COLUMNS, INNER);
        double[] xGradient = new double[x.length];
        MixtureLoops.permuteBackward(permutedGradient, places, CHOSEN, INNER, xGradient);
        double[] weightGradient = new double[expertWeights.length];
        MixtureLoops.groupedWeightGradient(
                expertOutGradient, permuted, routing.offsets(), INNER, COLUMNS, weightGradient);
        UnpermutedMixtureLoops.Gradients expected = loops.backward(outGradient, x, expertWeights, routing);
        assertSame(xGradient, expected.x());
        assertSame(weightGradient, expected.expertWeights());
        assertSame(
                MixtureLoops.combineWeightsGradient(outGradient, expertOut, places, CHOSEN, COLUMNS),
                expected.combination());
    }

    private static void assertSame(double[] found, double[] expected) {
        assertThat(found).containsExactly(expected, within(1e-12));
    }
}

package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.GateActivation;

/** The CPU backend in single precision against the reference in double precision: the same loss and gradients, and always the same bits. */
class BackendAgreementTest {
    private static final int SEQUENCES = 3;
    private static final int LENGTH = 65;
    private static final long SEED = 5;

    /** What one pass gives. */
    private record Pass(double loss, double[] gradients, ExpertCounts counts) {}

    /**
     * The models, and how clear their decisions must be for rounding to single precision not to change one: a value next to its clip is
     * rounded at the eighth digit, a router's probability gathers errors in all that comes before.
     *
     * <p>No key or query has one factor for all its values: QK-norm takes that out again, and what is left of its gradient is rounding.
     */
    static Stream<Arguments> models() {
        Stream<DecoderConfig> smooth = Stream.<List<AttentionModifier>>of(
                        List.of(),
                        List.of(GateConfig.SDPA_ELEMENTWISE),
                        List.of(GateConfig.SDPA_HEADWISE),
                        List.of(HeadNorm.SDPA_OUTPUT, GateConfig.headwise(GatePosition.VALUE)),
                        List.of(
                                GateConfig.SDPA_ELEMENTWISE.shared(),
                                GateConfig.elementwise(GatePosition.VALUE)
                                        .with(GateActivation.SILU)
                                        .additive(),
                                GateConfig.elementwise(GatePosition.KEY).with(GateActivation.NS_SIGMOID),
                                GateConfig.elementwise(GatePosition.QUERY).from(GateSource.SELF),
                                GateConfig.elementwise(GatePosition.DENSE_OUTPUT)
                                        .from(GateSource.LEARNED)))
                .map(modifiers -> Presets.TINY.change().modifiers(modifiers).build());
        DecoderConfigBuilder mixture = Presets.TINY.change().ffn(64).mixture(MixtureConfig.of(8, 2));
        Stream<DecoderConfig> choosing = Stream.of(
                mixture.build(),
                mixture.mixture(new MixtureConfig(5, 3, false))
                        .sandwichNorm(true)
                        .build(),
                Presets.TINY.withModifiers(
                        new SwitchHeads(GatePosition.VALUE, 4, 2), new SwitchHeads(GatePosition.KEY, 3, 2)));
        DecoderConfig clipped = Presets.TINY.change().residualClip(0.05).build();
        return Stream.of(
                        smooth.map(config -> Arguments.of(config, 0)),
                        choosing.map(config -> Arguments.of(config, 3e-6)),
                        Stream.of(Arguments.of(clipped, 1e-8)))
                .flatMap(cases -> cases);
    }

    @ParameterizedTest
    @MethodSource("models")
    void lossAndGradientsAreThoseOfTheReference(DecoderConfig config, double margin) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        double[] parameters = new ParameterInitialiser(ParameterLayout.of(config), SEED)
                .values(0, Math.toIntExact(config.parameters()));
        SplittableRandom random = new SplittableRandom(seed);
        TokenBatch batch = Stream.generate(() -> RandomModels.batch(config, SEQUENCES, LENGTH, random))
                .limit(20)
                .filter(drawn -> RandomModels.isClear(config, parameters, drawn, margin))
                .findFirst()
                .orElseThrow();
        Pass expected = pass("reference", DType.FLOAT64, config, batch);
        Pass found = pass("cpu", DType.FLOAT32, config, batch);
        Pass again = pass("cpu", DType.FLOAT32, config, batch);

        assertThat(found.counts()).isEqualTo(expected.counts());
        assertThat(found.loss()).isCloseTo(expected.loss(), withinPercentage(1e-4));
        for (Parameter parameter : ParameterLayout.of(config).parameters()) {
            double norm = 0;
            double error = 0;
            for (int i = (int) parameter.offset(); i < parameter.end(); i++) {
                norm += expected.gradients()[i] * expected.gradients()[i];
                error += Math.pow(found.gradients()[i] - expected.gradients()[i], 2);
            }
            assertThat(Math.sqrt(norm)).as(parameter.name()).isPositive();
            assertThat(Math.sqrt(error / norm))
                    .as("relative error of the gradient of %s", parameter.name())
                    .isCloseTo(0, within(1e-4));
        }
        assertThat(again.loss()).isEqualTo(found.loss());
        assertThat(again.gradients()).isEqualTo(found.gradients());
    }

    private static Pass pass(String name, DType dtype, DecoderConfig config, TokenBatch batch) {
        try (Backend backend = Backends.open(name, 2);
                Decoder decoder = new Decoder(config, backend, dtype, SEQUENCES, LENGTH, DecoderMode.TRAINING)) {
            decoder.initialise(SEED);
            PassObjective objective = new PassObjective(
                    1.0 / batch.targetCount(),
                    1e-4,
                    new RouterObjective(1e-2, 1e-3, batch.routedCount(), Optional.empty()));
            double loss = decoder.forwardBackward(batch, objective);
            return new Pass(
                    loss,
                    backend.memory().readDoubles(decoder.gradients()),
                    decoder.routing().counts());
        }
    }
}

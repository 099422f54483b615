package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;

/** The CPU backend in single precision against the reference in double precision: the same loss and gradients, and always the same bits. */
class BackendAgreementTest {
    private static final int SEQUENCES = 3;
    private static final int LENGTH = 65;

    /** What one pass gives. */
    private record Pass(double loss, double[] gradients) {}

    static Stream<DecoderConfig> models() {
        return Stream.of(GateConfig.NONE, GateConfig.SDPA_ELEMENTWISE, GateConfig.SDPA_HEADWISE)
                .map(Presets.TINY::withGate);
    }

    @ParameterizedTest
    @MethodSource("models")
    void lossAndGradientsAreThoseOfTheReference(DecoderConfig config) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, new SplittableRandom(seed));
        Pass expected = pass("reference", DType.FLOAT64, config, batch);
        Pass found = pass("cpu", DType.FLOAT32, config, batch);
        Pass again = pass("cpu", DType.FLOAT32, config, batch);

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
            decoder.initialise(5);
            double loss = decoder.forwardBackward(batch, 1.0 / batch.targetCount(), 1e-4);
            return new Pass(loss, backend.memory().readDoubles(decoder.gradients()));
        }
    }
}

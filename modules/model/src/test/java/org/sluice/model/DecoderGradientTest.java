package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;

/** The whole model's gradients against central differences of its plain twin, in double precision: every parameter, of large ones a sample. */
class DecoderGradientTest {
    private static final int SEQUENCES = 3;
    private static final int LENGTH = 9;
    private static final int SAMPLED = 40;
    private static Backend backend;

    @BeforeAll
    static void open() {
        backend = Backends.open("reference", 2);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#all")
    void gradientsAreCentralDifferences(DecoderConfig config) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        double[] parameters = RandomModels.parameters(config, random);
        TokenBatch batch = RandomModels.batch(config, SEQUENCES, LENGTH, random);
        double zLossWeight = 0.05;
        double gradientScale = 0.7;
        double[] gradients = new double[parameters.length];
        try (Decoder decoder = new Decoder(config, backend, DType.FLOAT64, SEQUENCES, LENGTH, DecoderMode.TRAINING)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            double loss = decoder.forwardBackward(batch, gradientScale, zLossWeight);
            assertThat(loss).isCloseTo(new PlainDecoder(config, parameters).objective(batch, 0), offset(1e-9));
            gradients = backend.memory().readDoubles(decoder.gradients());
        }

        PlainDecoder twin = new PlainDecoder(config, parameters);
        for (Parameter parameter : ParameterLayout.of(config).parameters()) {
            double largest = 0;
            for (long element : sample(parameter, random)) {
                int i = Math.toIntExact(element);
                double expected = gradientScale * centralDifference(twin, parameters, i, batch, zLossWeight);
                assertThat(gradients[i])
                        .as("%s element %d, seed %d", parameter.name(), i - parameter.offset(), seed)
                        .isCloseTo(expected, offset(1e-7 + 1e-6 * Math.abs(expected)));
                largest = Math.max(largest, Math.abs(expected));
            }
            assertThat(largest).as("%s has a gradient", parameter.name()).isGreaterThan(1e-3);
        }
    }

    private static long[] sample(Parameter parameter, SplittableRandom random) {
        return parameter.elements() <= SAMPLED
                ? LongStream.range(parameter.offset(), parameter.end()).toArray()
                : random.longs(SAMPLED, parameter.offset(), parameter.end()).toArray();
    }

    /** Fourth order, so that neither rounding nor curvature shows at the tolerance. */
    private static double centralDifference(
            PlainDecoder twin, double[] parameters, int index, TokenBatch batch, double zLossWeight) {
        double step = 1e-4;
        double original = parameters[index];
        double[] objective = new double[4];
        double[] at = {-2, -1, 1, 2};
        for (int i = 0; i < at.length; i++) {
            parameters[index] = original + at[i] * step;
            objective[i] = twin.objective(batch, zLossWeight);
        }
        parameters[index] = original;
        return (objective[0] - 8 * objective[1] + 8 * objective[2] - objective[3]) / (12 * step);
    }
}

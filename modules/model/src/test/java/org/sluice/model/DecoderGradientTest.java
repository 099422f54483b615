package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import java.util.Optional;
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
    private static final int SAMPLED = 20;
    private static final double STEP = 1e-5;

    /** Of decisions, so that none changes within two steps. */
    private static final double MARGIN = 1e-3;

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
        RandomModels.Case model = RandomModels.clearCase(config, SEQUENCES, LENGTH, MARGIN, random);
        double[] parameters = model.parameters();
        TokenBatch batch = model.batch();
        PlainDecoder twin = new PlainDecoder(config, parameters);
        PlainDecoder.Pass pass = twin.pass(batch);
        PassObjective objective = objective(pass);
        double[] gradients;
        try (Decoder decoder = new Decoder(config, backend, DType.FLOAT64, SEQUENCES, LENGTH, DecoderMode.TRAINING)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            assertThat(decoder.forwardBackward(batch, objective)).isCloseTo(pass.loss(), offset(1e-9));
            gradients = backend.memory().readDoubles(decoder.gradients());
        }

        Differences differences = new Differences(twin, parameters, batch, objective, pass);
        for (Parameter parameter : ParameterLayout.of(config).parameters()) {
            double largest = 0;
            for (long element : sample(parameter, random)) {
                int i = Math.toIntExact(element);
                double expected = differences.central(i);
                assertThat(gradients[i])
                        .as("%s element %d, seed %d", parameter.name(), i - parameter.offset(), seed)
                        .isCloseTo(expected, offset(1e-7 + 1e-6 * Math.abs(expected)));
                largest = Math.max(largest, Math.abs(expected));
            }
            assertThat(largest)
                    .as("%s has a gradient, seed %d", parameter.name(), seed)
                    .isGreaterThan(1e-4);
        }
    }

    /** All terms at once; the shares of the experts are those of a batch of which this one is a part. */
    private static PassObjective objective(PlainDecoder.Pass pass) {
        RouterSums sums = pass.routing().sums();
        long[] global = sums.counts().counts().clone();
        Arrays.setAll(global, index -> global[index] + index % 5);
        ExpertCounts counts =
                new ExpertCounts(sums.counts().layers(), sums.counts().experts(), global);
        return new PassObjective(
                0.7, 0.05, new RouterObjective(0.4, 0.3, Math.max(1, sums.rows()) + 5, Optional.of(counts)));
    }

    private static long[] sample(Parameter parameter, SplittableRandom random) {
        return parameter.elements() <= SAMPLED
                ? LongStream.range(parameter.offset(), parameter.end()).toArray()
                : random.longs(SAMPLED, parameter.offset(), parameter.end()).toArray();
    }

    /**
     * Central differences of the twin's objective.
     *
     * @param pass the pass whose decisions all others must make too, as a difference across a jump is no derivative
     */
    private record Differences(
            PlainDecoder twin, double[] parameters, TokenBatch batch, PassObjective objective, PlainDecoder.Pass pass) {

        /** Fourth order, so that neither rounding nor curvature shows at the tolerance. */
        double central(int index) {
            double original = parameters[index];
            double difference = (at(index, original - 2 * STEP)
                            - 8 * at(index, original - STEP)
                            + 8 * at(index, original + STEP)
                            - at(index, original + 2 * STEP))
                    / (12 * STEP);
            parameters[index] = original;
            return difference;
        }

        private double at(int index, double value) {
            parameters[index] = value;
            PlainDecoder.Pass changed = twin.pass(batch);
            assertThat(changed.decisions().taken())
                    .as("decisions with parameter %d at %s", index, value)
                    .isEqualTo(pass.decisions().taken());
            return changed.objective(objective);
        }
    }
}

package org.sluice.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.Parameter;
import org.sluice.model.Presets;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.Tensor;

class ReplicaTest {
    private static final int LENGTH = 12;
    private static final DecoderConfig MODEL = Presets.TINY
            .change()
            .layers(2)
            .hidden(16)
            .heads(2)
            .kvHeads(1)
            .headDim(8)
            .ffn(24)
            .vocabulary(32)
            .tiedEmbedding(false)
            .initialStandardDeviation(0.2)
            .build();

    /** Experts of which some get no row, and a token of which meets two. */
    private static final DecoderConfig MIXTURE =
            MODEL.change().ffn(12).mixture(MixtureConfig.of(5, 2)).build();

    private static Backend backend;

    @BeforeAll
    static void open() {
        backend = Backends.open(Backends.AUTOMATIC, 2);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    private static TrainingConfig adamW(int microBatch, double clip) {
        return new TrainingConfig(
                TrainingConfig.ADAMW, 1e-2, 1e-3, 3, 20, 0.9, 0.95, 1e-8, 0.1, clip, 1e-3, 0.01, 1e-3, microBatch, 11);
    }

    private static TrainingConfig sgd(int microBatch, double clip) {
        return new TrainingConfig(
                TrainingConfig.SGD, 0.1, 0.1, 0, 20, 0, 0, 1e-8, 0, clip, 0, 0.05, 0.01, microBatch, 11);
    }

    /** Blocks of several documents each, so that they differ in how many targets they have. */
    private static List<TrainingBlock> blocks(long step, int count) {
        SplittableRandom random = new SplittableRandom(1000 + step);
        List<TrainingBlock> blocks = new ArrayList<>();
        for (int block = 0; block < count; block++) {
            int[] tokens = random.ints(LENGTH + 1, 0, MODEL.vocabulary()).toArray();
            int documents = 1 + block % 4;
            int[] starts = IntStream.range(0, documents).map(at -> at * 3).toArray();
            blocks.add(new TrainingBlock(step * count + block, tokens, starts));
        }
        return blocks;
    }

    private static Replica replica(TrainingConfig config) {
        return replica(MODEL, config);
    }

    private static Replica replica(DecoderConfig model, TrainingConfig config) {
        Replica replica = new Replica(model, config, backend, LENGTH);
        replica.initialise();
        return replica;
    }

    private static double[] read(Tensor tensor) {
        return backend.memory().readDoubles(tensor);
    }

    private static byte[] bits(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(tensor.elements() * Float.BYTES));
        backend.memory().read(tensor, 0, bytes);
        return bytes.array();
    }

    private static double norm(double[] gradient) {
        double squares = 0;
        for (double value : gradient) {
            squares += value * value;
        }
        return Math.sqrt(squares);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05})
    void adamWFollowsPlainLoopsInDoublePrecision(double clip) {
        TrainingConfig config = adamW(2, clip);
        LearningRateSchedule schedule = new LearningRateSchedule(config);
        try (Replica replica = replica(config)) {
            double[] parameters = read(replica.decoder().parameters());
            double[] first = new double[parameters.length];
            double[] second = new double[parameters.length];
            for (int step = 0; step < 10; step++) {
                StepResult result = replica.step(step, blocks(step, 3));
                double[] gradient = read(replica.decoder().gradients());
                double norm = norm(gradient);
                assertThat(result.gradientNorm()).isCloseTo(norm, within(1e-9 * norm));
                double scale = clip > 0 && norm > clip ? clip / norm : 1;
                if (clip > 0) {
                    assertThat(scale).as("clipping is tried").isLessThan(1);
                }
                double rate = schedule.at(step);
                assertThat(result.learningRate()).isEqualTo(rate);
                for (Parameter parameter : replica.decoder().layout().parameters()) {
                    double decay = parameter.name().contains("norm") ? 0 : config.weightDecay();
                    for (int at = (int) parameter.offset(); at < parameter.end(); at++) {
                        double g = gradient[at] * scale;
                        first[at] = 0.9 * first[at] + 0.1 * g;
                        second[at] = 0.95 * second[at] + 0.05 * g * g;
                        double corrected = first[at] / (1 - Math.pow(0.9, step + 1));
                        double spread = Math.sqrt(second[at] / (1 - Math.pow(0.95, step + 1)));
                        parameters[at] -= rate * decay * parameters[at] + rate * corrected / (spread + 1e-8);
                    }
                }
            }
            double[] trained = read(replica.decoder().parameters());
            for (int at = 0; at < trained.length; at++) {
                assertThat(trained[at]).as("parameter %d", at).isCloseTo(parameters[at], within(2e-6));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05})
    void plainGradientDescentFollowsPlainLoops(double clip) {
        try (Replica replica = replica(sgd(2, clip))) {
            double[] parameters = read(replica.decoder().parameters());
            for (int step = 0; step < 10; step++) {
                replica.step(step, blocks(step, 3));
                double[] gradient = read(replica.decoder().gradients());
                double norm = norm(gradient);
                double rate = 0.1 * (clip > 0 && norm > clip ? clip / norm : 1);
                for (int at = 0; at < parameters.length; at++) {
                    parameters[at] -= rate * gradient[at];
                }
            }
            double[] trained = read(replica.decoder().parameters());
            for (int at = 0; at < trained.length; at++) {
                assertThat(trained[at]).as("parameter %d", at).isCloseTo(parameters[at], within(1e-6));
            }
            assertThat(replica.optimizerState()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"dense,1", "dense,2", "dense,3", "dense,4", "mixture,1", "mixture,2", "mixture,3", "mixture,4"})
    void microBatchesAddUpToTheWholeBatch(String name, int microBatch) {
        DecoderConfig model = name.equals("mixture") ? MIXTURE : MODEL;
        List<TrainingBlock> blocks = blocks(0, 7);
        try (Replica whole = replica(model, adamW(7, 0));
                Replica parts = replica(model, adamW(microBatch, 0))) {
            StepResult expected = whole.step(0, blocks);
            StepResult result = parts.step(0, blocks);
            assertThat(result.targets()).isEqualTo(expected.targets()).isLessThan(7 * LENGTH);
            assertThat(result.loss()).isCloseTo(expected.loss(), within(1e-6 * expected.loss()));
            requireClose(read(parts.decoder().gradients()), read(whole.decoder().gradients()));
            assertThat(result.routing().counts()).isEqualTo(expected.routing().counts());
            assertThat(result.routing().rows()).isEqualTo(expected.routing().rows());
            for (int layer = 0; layer < model.layers(); layer++) {
                double balance = expected.routing().loadBalanceLoss(layer);
                assertThat(result.routing().loadBalanceLoss(layer)).isCloseTo(balance, within(1e-6));
                double zLoss = expected.routing().zLoss(layer);
                assertThat(result.routing().zLoss(layer)).isCloseTo(zLoss, within(1e-6));
            }
        }
    }

    private static void requireClose(double[] found, double[] expected) {
        assertThat(distance(found, expected)).isLessThan(1e-6);
    }

    /** The largest difference, by the norm of what is expected. */
    private static double distance(double[] found, double[] expected) {
        double largest = 0;
        for (int at = 0; at < found.length; at++) {
            largest = Math.max(largest, Math.abs(found[at] - expected[at]));
        }
        return largest / norm(expected);
    }

    @Test
    void partsThatKnowTheWholeBatchAverageToItsGradient() {
        List<TrainingBlock> blocks = blocks(0, 5);
        List<List<TrainingBlock>> shares = List.of(blocks.subList(0, 2), blocks.subList(2, 5));
        try (Replica replica = replica(MIXTURE, sgd(2, 0))) {
            byte[] start = bits(replica.decoder().parameters());
            StepResult expected = replica.step(0, blocks);
            double[] gradient = read(replica.decoder().gradients());
            backend.memory().write(ByteBuffer.wrap(start), replica.decoder().parameters(), 0);
            RoutedBatch whole = replica.countExperts(shares.get(0)).plus(replica.countExperts(shares.get(1)));
            assertThat(whole).isEqualTo(replica.countExperts(blocks));
            assertThat(whole.experts()).isEqualTo(expected.routing().counts());
            assertThat(whole.rows()).isEqualTo(expected.routing().rows()).isGreaterThan(whole.targets());
            assertThat(bits(replica.decoder().parameters())).containsExactly(start);
            double[] told = new double[gradient.length];
            double[] untold = new double[gradient.length];
            for (List<TrainingBlock> share : shares) {
                add(replica, replica.step(0, 0, share, whole), expected.targets(), told);
                backend.memory().write(ByteBuffer.wrap(start), replica.decoder().parameters(), 0);
                add(replica, replica.step(0, share), expected.targets(), untold);
                backend.memory().write(ByteBuffer.wrap(start), replica.decoder().parameters(), 0);
            }
            requireClose(told, gradient);
            assertThat(distance(untold, gradient))
                    .as("a share's own experts are others")
                    .isGreaterThan(1e-4);
        }
    }

    private static void add(Replica replica, StepResult result, long targets, double[] sum) {
        double[] gradient = read(replica.decoder().gradients());
        for (int at = 0; at < sum.length; at++) {
            sum[at] += gradient[at] * result.targets() / targets;
        }
    }

    @Test
    void trainingLowersTheLoss() {
        try (Replica replica = replica(adamW(2, 1))) {
            double before = replica.step(0, blocks(0, 4)).loss();
            assertThat(before).isCloseTo(Math.log(MODEL.vocabulary()), within(1.5));
            double after = before;
            for (int step = 1; step < 20; step++) {
                after = replica.step(step, blocks(0, 4)).loss();
            }
            assertThat(after).isLessThan(before - 0.5);
        }
    }

    @Test
    void theSameStepsGiveTheSameBits() {
        try (Replica one = replica(adamW(2, 1));
                Replica other = replica(adamW(2, 1))) {
            for (int step = 0; step < 5; step++) {
                assertThat(one.step(step, blocks(step, 3))).isEqualTo(other.step(step, blocks(step, 3)));
            }
            assertThat(bits(one.decoder().parameters()))
                    .containsExactly(bits(other.decoder().parameters()));
            for (int part = 0; part < 2; part++) {
                assertThat(bits(one.optimizerState().get(part).tensor()))
                        .containsExactly(bits(other.optimizerState().get(part).tensor()));
            }
            one.initialise();
            other.initialise();
            assertThat(one.step(0, blocks(9, 2))).isEqualTo(other.step(0, blocks(9, 2)));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void aParameterThatIsNotFiniteStopsBeforeTheUpdate(float injected) {
        String name = "model.layers.1.self_attn.o_proj.weight";
        try (Replica replica = replica(adamW(2, 1))) {
            replica.step(0, blocks(0, 3));
            long element = replica.decoder().layout().named(name).offset() + 5;
            ByteBuffer value = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            backend.memory()
                    .write(value.putFloat(injected).flip(), replica.decoder().parameters(), element);
            byte[] parameters = bits(replica.decoder().parameters());
            byte[] moments = bits(replica.optimizerState().get(0).tensor());
            assertThatThrownBy(() -> replica.step(1, blocks(1, 3)))
                    .isInstanceOfSatisfying(NumericsException.class, failure -> {
                        assertThat(failure.step()).isEqualTo(1);
                        assertThat(failure.blocks()).containsExactly(3L, 4L, 5L);
                        assertThat(failure.tensor()).isEqualTo("parameter " + name);
                    })
                    .hasMessageContaining("step 2")
                    .hasMessageContaining("[3, 4, 5]")
                    .hasMessageContaining(name);
            assertThat(bits(replica.decoder().parameters())).containsExactly(parameters);
            assertThat(bits(replica.optimizerState().get(0).tensor())).containsExactly(moments);
        }
    }

    @Test
    void aGradientThatIsNotFiniteIsNamed() {
        try (Replica replica = replica(adamW(2, 1))) {
            // The classifier's gradient overflows where its input is huge but finite; the loss stays finite for equal
            // logits.
            String name = "model.norm.weight";
            Parameter norm = replica.decoder().layout().named(name);
            double[] huge = new double[(int) norm.elements()];
            Arrays.fill(huge, 3e38);
            backend.memory()
                    .writeDoubles(huge, replica.decoder().parameters().slice(name, norm.offset(), norm.shape()));
            byte[] parameters = bits(replica.decoder().parameters());
            assertThatThrownBy(() -> replica.step(0, blocks(0, 3)))
                    .isInstanceOfSatisfying(NumericsException.class, failure -> assertThat(failure.tensor())
                            .isNotEmpty())
                    .hasMessageContaining("before any update");
            assertThat(bits(replica.decoder().parameters())).containsExactly(parameters);
        }
    }

    @Test
    void aStepNeedsBlocks() {
        try (Replica replica = replica(adamW(2, 1))) {
            assertThatThrownBy(() -> replica.step(0, List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no blocks");
        }
    }

    @Test
    void aClosedReplicaIsRefused() {
        Replica replica = replica(adamW(2, 1));
        replica.close();
        assertThatThrownBy(() -> replica.step(0, blocks(0, 2))).isInstanceOf(IllegalStateException.class);
    }
}

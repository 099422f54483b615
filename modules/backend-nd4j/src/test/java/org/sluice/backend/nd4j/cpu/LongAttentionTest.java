package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Attention;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * Causal attention of one head of 64 over 32,768 tokens, forward and backward: in memory that is linear in the tokens, and right wherever
 * it is looked at. The matrix of all scores would take 4 GiB.
 */
@Tag("slow")
class LongAttentionTest {
    private static final int TIME = 32_768;
    private static final int HEAD_DIM = 64;
    private static final double SCALE = 0.125;
    private static final long SEED = Long.getLong("sluice.test.seed", 20260105);

    /** Positions around the edges of tiles, and at both ends. */
    private static final int[] SAMPLED = {0, 1, 63, 64, 65, 1000, 4095, 16_384, 20_011, 32_703, 32_704, 32_766, 32_767};

    private final double[] query = normal(1, 2);
    private final double[] key = normal(2, 1);
    private final double[] value = normal(3, 1);
    private final double[] outGradient = normal(4, 1);

    @Test
    void memoryIsLinearInTheTokensAndSampledPositionsAreRight() {
        try (Backend backend = new CpuBackendProvider().open(2);
                Arena arena = backend.newArena("long attention")) {
            Run run = new Run(backend, arena);
            long before = heldJavaBytes();
            run.attend();
            long javaBytes = heldJavaBytes() - before;
            assertThat(arena.allocatedBytes())
                    .as("bytes of 8 tensors [T, E] and 3 [T]")
                    .isEqualTo(4L * TIME * (8 * HEAD_DIM + 3));
            assertThat(javaBytes)
                    .as(
                            "bytes of Java arrays that the backend keeps: 4 [T, E], a [T], and 16 MiB for tiles and rounding")
                    .isLessThan(4L * TIME * (4 * HEAD_DIM + 1) + (16 << 20));
            Results results = run.results();
            for (int position : SAMPLED) {
                checkQuery(results, position);
                checkKey(results, position);
            }
        }
    }

    /** What is reachable on the Java heap: an operation's working arrays stay with the backend's threads. */
    private static long heldJavaBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** The tensors of one forward and backward. */
    private final class Run {
        private final Backend backend;
        private final Arena arena;
        private final Tensor q;
        private final Tensor k;
        private final Tensor v;
        private final Tensor dout;
        private final Tensor firstVisible;
        private final Tensor out;
        private final Tensor logSumExp;
        private final Tensor delta;
        private final Tensor dq;
        private final Tensor dk;
        private final Tensor dv;

        Run(Backend backend, Arena arena) {
            this.backend = backend;
            this.arena = arena;
            q = held(query);
            k = held(key);
            v = held(value);
            dout = held(outGradient);
            firstVisible = arena.allocate("firstVisible", DType.INT32, Shape.of(1, TIME));
            out = rows();
            logSumExp = arena.allocate("logSumExp", DType.FLOAT32, Shape.of(1, 1, TIME));
            delta = arena.allocate("delta", DType.FLOAT32, Shape.of(1, 1, TIME));
            dq = rows();
            dk = rows();
            dv = rows();
        }

        private Tensor held(double[] values) {
            Tensor tensor = rows();
            backend.memory().writeDoubles(values, tensor);
            return tensor;
        }

        private Tensor rows() {
            return arena.allocate("rows", DType.FLOAT32, Shape.of(1, TIME, 1, HEAD_DIM));
        }

        void attend() {
            Attention attention = backend.attention();
            attention.forward(q, k, v, firstVisible, SCALE, out, logSumExp);
            attention.outputDot(dout, out, delta);
            attention.backward(dout, delta, q, k, v, firstVisible, SCALE, logSumExp, dq, dk, dv);
        }

        Results results() {
            return new Results(read(out), read(logSumExp), read(delta), read(dq), read(dk), read(dv));
        }

        private double[] read(Tensor tensor) {
            return backend.memory().readDoubles(tensor);
        }
    }

    /** What the operations left. */
    private record Results(
            double[] out,
            double[] logSumExp,
            double[] delta,
            double[] queryGradient,
            double[] keyGradient,
            double[] valueGradient) {}

    /** The output of one query, its statistics and its gradient, from all keys that it sees. */
    private void checkQuery(Results results, int t) {
        double[] probability = new double[t + 1];
        double sum = 0;
        for (int j = 0; j <= t; j++) {
            probability[j] = Math.exp(SCALE * dot(query, t, key, j));
            sum += probability[j];
        }
        double[] out = new double[HEAD_DIM];
        for (int j = 0; j <= t; j++) {
            probability[j] /= sum;
            addScaled(out, probability[j], value, j);
        }
        double delta = dot(outGradient, t, out, 0);
        double[] gradient = new double[HEAD_DIM];
        for (int j = 0; j <= t; j++) {
            addScaled(gradient, SCALE * probability[j] * (dot(outGradient, t, value, j) - delta), key, j);
        }
        assertClose("out", t, results.out(), out, 0);
        assertThat(Math.abs(results.logSumExp()[t] - Math.log(sum)))
                .as("error of logSumExp at %d, seed %d", t, SEED)
                .isLessThan(1e-5);
        assertThat(Math.abs(results.delta()[t] - delta))
                .as("error of delta at %d, seed %d", t, SEED)
                .isLessThan(1e-5);
        // The first queries have a gradient that is 0, or nearly, as a difference of numbers of about 8.
        assertClose("query gradient", t, results.queryGradient(), gradient, 1e-5);
    }

    /** The gradients of one key and value, from all queries that see them and what the forward left for each. */
    private void checkKey(Results results, int j) {
        double[] dKey = new double[HEAD_DIM];
        double[] dValue = new double[HEAD_DIM];
        for (int t = j; t < TIME; t++) {
            double probability = Math.exp(SCALE * dot(query, t, key, j) - results.logSumExp()[t]);
            addScaled(dKey, SCALE * probability * (dot(outGradient, t, value, j) - results.delta()[t]), query, t);
            addScaled(dValue, probability, outGradient, t);
        }
        assertClose("key gradient", j, results.keyGradient(), dKey, 0);
        assertClose("value gradient", j, results.valueGradient(), dValue, 0);
    }

    private static double dot(double[] left, int leftRow, double[] right, int rightRow) {
        double sum = 0;
        for (int e = 0; e < HEAD_DIM; e++) {
            sum += left[leftRow * HEAD_DIM + e] * right[rightRow * HEAD_DIM + e];
        }
        return sum;
    }

    private static void addScaled(double[] sum, double factor, double[] rows, int row) {
        for (int e = 0; e < HEAD_DIM; e++) {
            sum[e] += factor * rows[row * HEAD_DIM + e];
        }
    }

    private static void assertClose(String what, int position, double[] rows, double[] expected, double slack) {
        double[] found = Arrays.copyOfRange(rows, position * HEAD_DIM, (position + 1) * HEAD_DIM);
        double difference = 0;
        double norm = 0;
        for (int e = 0; e < HEAD_DIM; e++) {
            difference += (found[e] - expected[e]) * (found[e] - expected[e]);
            norm += expected[e] * expected[e];
        }
        assertThat(Math.sqrt(difference))
                .as("error of the %s at %d, whose norm is %g, seed %d", what, position, Math.sqrt(norm), SEED)
                .isLessThanOrEqualTo(1e-4 * Math.sqrt(norm) + slack);
    }

    private static double[] normal(int stream, double standardDeviation) {
        Random random = new Random(SEED * 31 + stream);
        double[] values = new double[TIME * HEAD_DIM];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (standardDeviation * random.nextGaussian());
        }
        return values;
    }
}

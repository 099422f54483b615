package org.sluice.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.GateConfig;
import org.sluice.model.GateGranularity;
import org.sluice.model.GatePosition;
import org.sluice.model.GateSource;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

class GateMeasuresTest {
    private static final int LENGTH = 9;
    private static final int HEADS = 3;
    private static final int HEAD_DIM = 5;

    static Stream<GateConfig> gates() {
        GateConfig elementwise = GateConfig.SDPA_ELEMENTWISE;
        return Stream.of(
                elementwise,
                GateConfig.SDPA_HEADWISE,
                elementwise.shared(),
                GateConfig.headwise(GatePosition.VALUE),
                elementwise.additive().with(GateActivation.SILU),
                elementwise.shared().additive().with(GateActivation.IDENTITY),
                elementwise.with(GateActivation.NS_SIGMOID),
                elementwise.with(GateActivation.DOUBLE_SIGMOID),
                elementwise.from(GateSource.LEARNED),
                elementwise.from(GateSource.SELF).with(GateActivation.SILU));
    }

    @ParameterizedTest
    @MethodSource("gates")
    void agreesWithPlainLoops(GateConfig gate) {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<Blocks.Padded> blocks = Blocks.random(4, LENGTH, 19, random, "java");
        int sequences = 5;
        boolean headwise = gate.granularity() == GateGranularity.HEADWISE;
        int perToken = HEADS * HEAD_DIM;
        int logitsPerToken = headwise ? HEADS : perToken;
        double[] logits = random.doubles((long) sequences * LENGTH * logitsPerToken, -4, 4)
                .toArray();
        // Small enough that a share of them is below the bounds, on either side of the gate.
        double[] before = random.doubles((long) sequences * LENGTH * perToken, -0.05, 0.05)
                .toArray();
        double[] after = new double[before.length];
        PlainGate plain = new PlainGate(gate);
        for (int sequence = 0; sequence < sequences; sequence++) {
            double[] ofLogits = part(logits, sequence);
            double[] ofBefore = part(before, sequence);
            double[] ofAfter = new double[ofBefore.length];
            for (int index = 0; index < ofAfter.length; index++) {
                int head = index / HEAD_DIM % HEADS;
                double score = plain.score(ofLogits, index / perToken, head, index % HEAD_DIM, HEADS, HEAD_DIM);
                boolean added = gate.combine() == GateCombine.ADDITIVE;
                ofAfter[index] = added ? ofBefore[index] + score : ofBefore[index] * score;
            }
            System.arraycopy(ofAfter, 0, after, sequence * ofAfter.length, ofAfter.length);
            if (sequence < blocks.size()) {
                plain.add(blocks.get(sequence).realTokens(), HEADS, HEAD_DIM, ofLogits, ofBefore, ofAfter);
            }
        }
        RealRows rows = new RealRows(blocks.stream().map(Blocks.Padded::block).toList(), sequences, LENGTH);
        Shape byHead = Shape.of(sequences, LENGTH, HEADS, HEAD_DIM);
        Shape ofLogits = headwise ? Shape.of(sequences, LENGTH, HEADS) : byHead;

        GateSums sums = measure(gate, rows, ofLogits, logits, byHead, before, after);

        plain.agreesWith(GateFigures.of(List.of(sums)), 0, 1e-12, 0);
    }

    @Test
    void longBlocksAreReadPieceByPiece() {
        int length = 4000;
        SplittableRandom random = new SplittableRandom(1);
        Blocks.Padded block = Blocks.block(0, length, 700, 19, random, "java");
        double[] logits = random.doubles(length * 200L, -4, 4).toArray();
        double[] before = random.doubles(length * 200L, -0.05, 0.05).toArray();
        PlainGate plain = new PlainGate(GateConfig.elementwise(GatePosition.DENSE_OUTPUT));
        plain.add(block.realTokens(), 1, 200, logits, before, before);
        RealRows rows = new RealRows(List.of(block.block()), 1, length);
        Shape shape = Shape.of(1, length, 1, 200);

        GateSums sums =
                measure(GateConfig.elementwise(GatePosition.DENSE_OUTPUT), rows, shape, logits, shape, before, before);

        assertThat(sums.scores()).isEqualTo(3301L * 200);
        plain.agreesWith(GateFigures.of(List.of(sums)), 0, 1e-9, 0);
    }

    private static GateSums measure(
            GateConfig gate,
            RealRows rows,
            Shape ofLogits,
            double[] logits,
            Shape byHead,
            double[] before,
            double[] after) {
        try (Backend backend = Backends.open("reference", 1);
                Arena arena = backend.newArena("test")) {
            return new GateMeasures(backend.memory())
                    .of(
                            gate,
                            rows,
                            tensor(backend, arena, ofLogits, logits),
                            tensor(backend, arena, byHead, before),
                            tensor(backend, arena, byHead, after));
        }
    }

    private static Tensor tensor(Backend backend, Arena arena, Shape shape, double[] values) {
        Tensor tensor = arena.allocate("values", DType.FLOAT64, shape);
        backend.memory().writeDoubles(values, tensor);
        return tensor;
    }

    private static double[] part(double[] values, int sequence) {
        int size = values.length / 5;
        return Arrays.copyOfRange(values, sequence * size, (sequence + 1) * size);
    }
}

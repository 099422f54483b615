package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** The cached decoder against the decoder that sees the whole sequence at once. */
class CachedDecoderTest {
    private static final int SEQUENCES = 3;
    private static final int LENGTH = 7;

    /** A chunk size, and how many chunks go before single tokens. */
    private record Plan(int chunk, int chunks) {
        static final List<Plan> ALL = List.of(new Plan(1, 0), new Plan(2, 3), new Plan(3, 1), new Plan(LENGTH, 1));
    }

    /** A backend, and the type that it computes in here. */
    private enum Machine {
        REFERENCE("reference", DType.FLOAT64, 1e-9, 1e-12),
        CPU("cpu", DType.FLOAT32, 2e-4, 1e-5);

        private final String backend;
        private final DType dtype;
        private final double tolerance;

        /** How clear decisions must be for rounding not to change one. */
        private final double margin;

        Machine(String backend, DType dtype, double tolerance, double margin) {
            this.backend = backend;
            this.dtype = dtype;
            this.tolerance = tolerance;
            this.margin = margin;
        }

        Backend open() {
            return Backends.open(backend, 2);
        }

        /** All plans; on the slow backend models take turns with them. */
        List<Plan> plans(int model) {
            int turn = model % Plan.ALL.size();
            return this == CPU ? Plan.ALL : Plan.ALL.subList(turn, turn + 1);
        }
    }

    private static SplittableRandom random() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new SplittableRandom(seed);
    }

    /** Random tokens of sequences that begin at those times; before them padding. */
    private static TokenBatch leftPadded(DecoderConfig config, int[] starts, int length, SplittableRandom random) {
        int[] tokens = random.ints((long) starts.length * length, 0, config.vocabulary())
                .toArray();
        int[] targets = new int[tokens.length];
        int[] firstVisible = new int[tokens.length];
        for (int row = 0; row < tokens.length; row++) {
            int start = starts[row / length];
            firstVisible[row] = Math.min(row % length, start);
            targets[row] = row % length < start ? org.sluice.tensor.Loss.IGNORED : 0;
        }
        return new TokenBatch(starts.length, length, tokens, targets, firstVisible);
    }

    @ParameterizedTest
    @EnumSource
    void logitsAreThoseOfAWholePass(Machine machine) {
        SplittableRandom random = random();
        int[] starts = {0, 2, LENGTH - 1};
        try (Backend backend = machine.open()) {
            List<DecoderConfig> configs = RandomModels.all().toList();
            for (int index = 0; index < configs.size(); index++) {
                DecoderConfig config = configs.get(index);
                RandomModels.Case model = Stream.generate(() -> new RandomModels.Case(
                                RandomModels.parameters(config, random), leftPadded(config, starts, LENGTH, random)))
                        .limit(1000)
                        .filter(drawn ->
                                RandomModels.isClear(config, drawn.parameters(), drawn.batch(), machine.margin))
                        .findFirst()
                        .orElseThrow();
                double[] expected = wholePass(backend, machine.dtype, config, model);
                for (Plan plan : machine.plans(index)) {
                    compare(backend, machine, config, model, starts, plan, expected);
                }
            }
        }
    }

    private static void compare(
            Backend backend,
            Machine machine,
            DecoderConfig config,
            RandomModels.Case model,
            int[] starts,
            Plan plan,
            double[] expected) {
        int capacity = LENGTH + 2;
        int vocabulary = config.vocabulary();
        try (Cached cached =
                new Cached(backend, machine.dtype, config, SEQUENCES, capacity, plan.chunk(), model.parameters())) {
            // What an earlier generation left in the caches must not matter.
            cached.decoder.begin(new int[SEQUENCES]);
            cached.decoder.forward(new int[SEQUENCES * plan.chunk()]);
            cached.decoder.begin(starts);
            while (cached.decoder.time() < LENGTH) {
                int from = cached.decoder.time();
                int count = from < plan.chunk() * plan.chunks() ? plan.chunk() : 1;
                double[] logits = cached.next(columns(model.batch().tokens(), LENGTH, from, count));
                int time = from + count - 1;
                for (int sequence = 0; sequence < SEQUENCES; sequence++) {
                    if (time >= starts[sequence]) {
                        int row = sequence * LENGTH + time;
                        assertThat(Arrays.copyOfRange(logits, sequence * vocabulary, (sequence + 1) * vocabulary))
                                .as("sequence %d at time %d, %s, %s", sequence, time, plan, config)
                                .containsExactly(
                                        Arrays.copyOfRange(expected, row * vocabulary, (row + 1) * vocabulary),
                                        within(machine.tolerance));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whenASequenceBeginsDoesNotMatter(Machine machine) {
        SplittableRandom random = random();
        try (Backend backend = machine.open()) {
            yarnAndEverything().forEach(config -> {
                double[] parameters = RandomModels.parameters(config, random);
                int[] tokens = random.ints(4, 0, config.vocabulary()).toArray();
                double[] atOnce = lastLogits(backend, machine.dtype, config, parameters, tokens, 0);
                double[] later = lastLogits(backend, machine.dtype, config, parameters, tokens, 11);
                assertThat(later).containsExactly(atOnce, within(machine.tolerance));
            });
        }
    }

    private static double[] lastLogits(
            Backend backend, DType dtype, DecoderConfig config, double[] parameters, int[] tokens, int start) {
        try (Cached cached = new Cached(backend, dtype, config, 1, 16, 1, parameters)) {
            cached.decoder.begin(new int[] {start});
            for (int time = 0; time < start; time++) {
                cached.next(new int[] {time % config.vocabulary()});
            }
            double[] logits = {};
            for (int token : tokens) {
                logits = cached.next(new int[] {token});
            }
            return logits;
        }
    }

    @ParameterizedTest
    @EnumSource
    void greedyTokensAreThoseOfWholePasses(Machine machine) {
        SplittableRandom random = random();
        int prompt = 4;
        try (Backend backend = machine.open()) {
            yarnAndEverything().forEach(config -> {
                double[] parameters = RandomModels.parameters(config, random);
                int[] expected = random.ints(16, 0, config.vocabulary()).toArray();
                int[] found = expected.clone();
                for (int time = prompt; time < expected.length; time++) {
                    TokenBatch batch = sequence(expected, time);
                    double[] logits =
                            wholePass(backend, machine.dtype, config, new RandomModels.Case(parameters, batch));
                    expected[time] = largest(logits, (time - 1) * config.vocabulary(), config.vocabulary());
                }
                try (Cached cached = new Cached(backend, machine.dtype, config, 1, 16, prompt, parameters)) {
                    cached.decoder.begin(new int[1]);
                    double[] logits = cached.next(Arrays.copyOf(found, prompt));
                    for (int time = prompt; time < found.length; time++) {
                        found[time] = largest(logits, 0, config.vocabulary());
                        if (time < found.length - 1) {
                            logits = cached.next(new int[] {found[time]});
                        }
                    }
                }
                assertThat(found).as(config.toString()).isEqualTo(expected);
            });
        }
    }

    /** The first tokens as a sequence of its own. */
    private static TokenBatch sequence(int[] tokens, int length) {
        return new TokenBatch(1, length, Arrays.copyOf(tokens, length), new int[length], new int[length]);
    }

    private static int largest(double[] logits, int from, int count) {
        int best = from;
        for (int i = from; i < from + count; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best - from;
    }

    private static Stream<DecoderConfig> yarnAndEverything() {
        return Stream.of(
                RandomModels.odd(false, GateConfig.SDPA_ELEMENTWISE)
                        .change()
                        .rope(new RopeConfig(100, new RopeConfig.Yarn(4, 20, 2, 0.2)))
                        .build(),
                RandomModels.everything());
    }

    @ParameterizedTest
    @MethodSource("org.sluice.model.RandomModels#all")
    void theMemoryIsWhatTheFormulaSays(DecoderConfig config) {
        try (Backend backend = Machine.REFERENCE.open()) {
            for (int[] sizes : new int[][] {{3, 9, 4}, {1, 5, 1}, {2, 6, 6}}) {
                for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
                    try (CachedDecoder decoder =
                            new CachedDecoder(config, backend, dtype, sizes[0], sizes[1], sizes[2])) {
                        CachedDecoderMemory memory =
                                CachedDecoderMemory.of(config, dtype, sizes[0], sizes[1], sizes[2]);
                        assertThat(decoder.allocatedBytes())
                                .as("%s %s", dtype, Arrays.toString(sizes))
                                .isEqualTo(memory.total());
                    }
                }
            }
        }
    }

    @Test
    void wrongUseIsRefusedInWords() {
        DecoderConfig config = RandomModels.odd(true);
        try (Backend backend = Machine.CPU.open();
                CachedDecoder decoder = new CachedDecoder(config, backend, DType.FLOAT32, 2, 5, 3)) {
            assertThatThrownBy(() -> decoder.forward(new int[4]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("4 tokens are neither 3 nor 1 for each of 2 sequences");
            assertThatThrownBy(() -> decoder.forward(new int[] {0, config.vocabulary()}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(config.vocabulary()));
            assertThatThrownBy(() -> decoder.begin(new int[] {0, 5}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("sequence 1 is to begin at time 5, which a cache of 5 times does not have");
            assertThatThrownBy(() -> decoder.begin(new int[3]))
                    .hasMessage("3 first times for a decoder of 2 sequences");
            decoder.forward(new int[6]);
            assertThatThrownBy(() -> decoder.forward(new int[6]))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the caches hold 3 of 5 times and have no room for 3 more");
            assertThat(decoder.time()).isEqualTo(3);
            assertThatThrownBy(() -> new CachedDecoder(config, backend, DType.FLOAT32, 2, 5, 6))
                    .hasMessage("chunks of 6 tokens do not fit a cache of 5 times; expected 1..5");
            assertThatThrownBy(() -> new CachedDecoder(config, backend, DType.FLOAT64, 2, 5, 5))
                    .hasMessage("backend cpu cannot compute a model in FLOAT64");
        }
    }

    private static double[] wholePass(Backend backend, DType dtype, DecoderConfig config, RandomModels.Case model) {
        TokenBatch batch = model.batch();
        try (Decoder decoder =
                        new Decoder(config, backend, dtype, batch.sequences(), batch.length(), DecoderMode.EVALUATION);
                Arena arena = backend.newArena("logits")) {
            backend.memory().writeDoubles(model.parameters(), decoder.parameters());
            decoder.forward(batch, ForwardObserver.none());
            Tensor out = arena.allocate("logits", dtype, Shape.of(batch.tokens().length, config.vocabulary()));
            decoder.logits(out);
            return backend.memory().readDoubles(out);
        }
    }

    /** {@code count} columns of a matrix {@code [B, length]}, from one on. */
    private static int[] columns(int[] matrix, int length, int from, int count) {
        int[] part = new int[matrix.length / length * count];
        for (int row = 0; row < matrix.length / length; row++) {
            System.arraycopy(matrix, row * length + from, part, row * count, count);
        }
        return part;
    }

    /** A cached decoder, and where its logits go. */
    private static final class Cached implements AutoCloseable {
        private final Backend backend;
        private final CachedDecoder decoder;
        private final Arena arena;
        private final Tensor logits;

        Cached(
                Backend backend,
                DType dtype,
                DecoderConfig config,
                int sequences,
                int capacity,
                int chunk,
                double[] parameters) {
            this.backend = backend;
            this.decoder = new CachedDecoder(config, backend, dtype, sequences, capacity, chunk);
            this.arena = backend.newArena("logits");
            this.logits = arena.allocate("logits", dtype, Shape.of(sequences, config.vocabulary()));
            backend.memory().writeDoubles(parameters, decoder.parameters());
        }

        double[] next(int[] tokens) {
            decoder.forward(tokens);
            decoder.logits(logits);
            return backend.memory().readDoubles(logits);
        }

        @Override
        public void close() {
            arena.close();
            decoder.close();
        }
    }
}

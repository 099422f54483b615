package org.sluice.model;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.sluice.tensor.GateActivation;

/** Small random models and batches for tests, always from a seed that the test prints. */
public final class RandomModels {
    private static final SwitchHeads SWITCHED_VALUES = new SwitchHeads(GatePosition.VALUE, 3, 2);
    private static final SwitchHeads SWITCHED_KEYS = new SwitchHeads(GatePosition.KEY, 3, 1);

    private RandomModels() {}

    /** A model in which every dimension has another size, with grouped heads and no dimension that fills a vector register. */
    static DecoderConfig odd(boolean tied, AttentionModifier... modifiers) {
        return new DecoderConfig(
                2,
                10,
                4,
                2,
                6,
                14,
                MixtureConfig.DENSE,
                19,
                tied,
                RopeConfig.of(100),
                // Large enough to be felt: a headwise gate before QK-norm has no gradient but through the epsilon.
                0.05,
                0.02,
                List.of(modifiers),
                false,
                0);
    }

    /** Every kind of model, and every component of a gate with every other that it may depend on. */
    public static Stream<DecoderConfig> all() {
        Stream<DecoderConfig> plain = Stream.of(
                odd(true),
                odd(false),
                odd(true).change().kvHeads(4).build(),
                odd(true).change().kvHeads(1).build(),
                odd(true)
                        .change()
                        .rope(new RopeConfig(100, new RopeConfig.Yarn(4, 20, 2, 0.2)))
                        .build());
        Stream<DecoderConfig> gated = modifiers()
                .map(modifiers -> odd(true).change().modifiers(modifiers).build());
        return Stream.of(plain, gated, stabilised(), mixtures()).flatMap(models -> models);
    }

    /** What stands at the positions of attention, one or several at once. */
    static Stream<List<AttentionModifier>> modifiers() {
        GateConfig sdpa = GateConfig.SDPA_ELEMENTWISE;
        GateConfig value = GateConfig.elementwise(GatePosition.VALUE);
        GateConfig key = GateConfig.elementwise(GatePosition.KEY);
        GateConfig query = GateConfig.elementwise(GatePosition.QUERY);
        GateConfig dense = GateConfig.elementwise(GatePosition.DENSE_OUTPUT);
        GateConfig valueHeads = GateConfig.headwise(GatePosition.VALUE);
        GateConfig keyHeads = GateConfig.headwise(GatePosition.KEY);
        GateConfig queryHeads = GateConfig.headwise(GatePosition.QUERY);
        return Stream.of(
                List.of(sdpa),
                List.of(value),
                List.of(key),
                List.of(query),
                List.of(dense),
                List.of(GateConfig.SDPA_HEADWISE),
                List.of(valueHeads),
                List.of(keyHeads.with(GateActivation.NS_SIGMOID)),
                List.of(queryHeads.with(GateActivation.SILU)),
                List.of(sdpa.shared()),
                List.of(value.shared().with(GateActivation.NS_SIGMOID)),
                List.of(key.shared().with(GateActivation.SILU).additive()),
                List.of(query.shared().with(GateActivation.IDENTITY)),
                List.of(sdpa.with(GateActivation.SILU).additive()),
                List.of(sdpa.with(GateActivation.IDENTITY).additive()),
                List.of(sdpa.with(GateActivation.NS_SIGMOID)),
                List.of(sdpa.with(GateActivation.DOUBLE_SIGMOID).startingFromZero()),
                List.of(GateConfig.SDPA_HEADWISE.with(GateActivation.IDENTITY).additive()),
                List.of(valueHeads.additive()),
                List.of(dense.with(GateActivation.SILU).additive()),
                List.of(sdpa.from(GateSource.LEARNED)),
                List.of(GateConfig.SDPA_HEADWISE.from(GateSource.LEARNED)),
                List.of(value.from(GateSource.LEARNED).shared()),
                List.of(query.from(GateSource.LEARNED).with(GateActivation.SILU).additive()),
                List.of(dense.from(GateSource.LEARNED).with(GateActivation.DOUBLE_SIGMOID)),
                List.of(sdpa.from(GateSource.SELF)),
                List.of(key.from(GateSource.SELF).shared()),
                List.of(dense.from(GateSource.SELF).with(GateActivation.SILU).additive()),
                List.of(HeadNorm.SDPA_OUTPUT),
                List.of(SWITCHED_VALUES),
                List.of(SWITCHED_KEYS),
                List.of(new SwitchHeads(GatePosition.VALUE, 1, 1)),
                List.of(new SwitchHeads(GatePosition.VALUE, 2, 2), new SwitchHeads(GatePosition.KEY, 2, 2)),
                List.of(GateConfig.SDPA_HEADWISE, valueHeads),
                List.of(sdpa, value.additive(), key.shared(), query.from(GateSource.SELF), dense),
                List.of(HeadNorm.SDPA_OUTPUT, SWITCHED_VALUES, queryHeads, dense.from(GateSource.LEARNED)));
    }

    private static Stream<DecoderConfig> stabilised() {
        return Stream.of(
                odd(true).change().sandwichNorm(true).build(),
                odd(true).change().residualClip(2).build(),
                odd(false, GateConfig.SDPA_ELEMENTWISE, SWITCHED_VALUES)
                        .change()
                        .sandwichNorm(true)
                        .residualClip(1.5)
                        .build());
    }

    private static Stream<DecoderConfig> mixtures() {
        return Stream.of(
                mixture(MixtureConfig.of(5, 2)).build(),
                mixture(new MixtureConfig(5, 2, false)).tiedEmbedding(false).build(),
                mixture(new MixtureConfig(4, 1, false)).build(),
                mixture(MixtureConfig.of(3, 3)).build(),
                mixture(MixtureConfig.of(1, 1)).build(),
                everything());
    }

    /** A mixture of experts with gates, switch heads, sandwich norm and residual clip. */
    static DecoderConfig everything() {
        return mixture(MixtureConfig.of(5, 2))
                .modifiers(List.of(GateConfig.SDPA_ELEMENTWISE, SWITCHED_VALUES))
                .sandwichNorm(true)
                .residualClip(2)
                .build();
    }

    /** Every kind of feed-forward layer. */
    static Stream<DecoderConfig> feedForwards() {
        return Stream.of(Stream.of(odd(true)), stabilised(), mixtures()).flatMap(models -> models);
    }

    private static DecoderConfigBuilder mixture(MixtureConfig mixture) {
        return odd(true).change().ffn(7).mixture(mixture);
    }

    /** Values large enough that every non-linearity is felt: norms in 0.5..1.5, all else in -0.6..0.6. */
    static double[] parameters(DecoderConfig config, SplittableRandom random) {
        double[] values = new double[Math.toIntExact(config.parameters())];
        for (Parameter parameter : ParameterLayout.of(config).parameters()) {
            boolean norm = parameter.initialMean() == 1;
            for (int i = (int) parameter.offset(); i < parameter.end(); i++) {
                values[i] = norm ? random.nextDouble(0.5, 1.5) : random.nextDouble(-0.6, 0.6);
            }
        }
        return values;
    }

    /**
     * Blocks of several documents, one of them padded at its end, and one sequence that is missing. Each block but the first begins with a
     * document of half its length and two tokens that differ: so some query with a target sees two different values, without which no
     * query has a gradient.
     */
    static TokenBatch batch(DecoderConfig config, int sequences, int length, SplittableRandom random) {
        List<int[]> blocks = new ArrayList<>();
        List<int[]> starts = new ArrayList<>();
        for (int sequence = 0; sequence < sequences - 1; sequence++) {
            int[] tokens = random.ints(length + 1, 0, config.vocabulary()).toArray();
            tokens[1] = (tokens[0] + random.nextInt(1, config.vocabulary())) % config.vocabulary();
            blocks.add(tokens);
            TreeSet<Integer> ascending = new TreeSet<>(List.of(0));
            for (int document = 0; document < 3; document++) {
                ascending.add(random.nextInt(sequence == 0 ? 1 : Math.max(1, length / 2), length));
            }
            if (sequence == 0) {
                ascending.addAll(List.of(length - 1, length));
            }
            starts.add(ascending.stream().mapToInt(Integer::intValue).toArray());
        }
        return TokenBatch.of(sequences, length, blocks, starts);
    }

    /** A model's parameters and a batch for it. */
    record Case(double[] parameters, TokenBatch batch) {}

    /**
     * The first of the cases that come from the random numbers in which every decision of the model - which experts, what is clipped - is
     * clear: no small change of parameters, and no rounding, makes it another.
     *
     * @param margin how far the next alternative is to be
     */
    static Case clearCase(DecoderConfig config, int sequences, int length, double margin, SplittableRandom random) {
        for (int attempt = 0; attempt < 1000; attempt++) {
            double[] parameters = parameters(config, random);
            TokenBatch batch = batch(config, sequences, length, random);
            if (isClear(config, parameters, batch, margin)) {
                return new Case(parameters, batch);
            }
        }
        throw new AssertionError("none of 1000 cases keeps a margin of " + margin + " in " + config);
    }

    /** Whether no decision of the model comes nearer to its alternative than the margin. */
    static boolean isClear(DecoderConfig config, double[] parameters, TokenBatch batch, double margin) {
        return new PlainDecoder(config, parameters).pass(batch).decisions().margin() > margin;
    }
}

package org.sluice.model;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Small random models and batches for tests, always from a seed that the test prints. */
final class RandomModels {
    private RandomModels() {}

    /** A model in which every dimension has another size, with grouped heads and no dimension that fills a vector register. */
    static DecoderConfig odd(GateConfig gate, boolean tied) {
        return new DecoderConfig(2, 10, 4, 2, 6, 14, 19, tied, 100, 1e-5, 0.02, gate);
    }

    /** Every gate, tied and untied. */
    static Stream<DecoderConfig> all() {
        return Stream.of(GateConfig.NONE, GateConfig.SDPA_ELEMENTWISE, GateConfig.SDPA_HEADWISE)
                .flatMap(gate -> Stream.of(odd(gate, true), odd(gate, false)));
    }

    /** Values large enough that every non-linearity is felt: matrices in -0.6..0.6, norms in 0.5..1.5. */
    static double[] parameters(DecoderConfig config, SplittableRandom random) {
        double[] values = new double[Math.toIntExact(config.parameters())];
        for (Parameter parameter : ParameterLayout.of(config).parameters()) {
            double low = parameter.decayed() ? -0.6 : 0.5;
            for (int i = (int) parameter.offset(); i < parameter.end(); i++) {
                values[i] = low + random.nextDouble() * (parameter.decayed() ? 1.2 : 1);
            }
        }
        return values;
    }

    /** Blocks of several documents, one of them padded at its end, and one sequence that is missing. */
    static TokenBatch batch(DecoderConfig config, int sequences, int length, SplittableRandom random) {
        List<int[]> blocks = new ArrayList<>();
        List<int[]> starts = new ArrayList<>();
        for (int sequence = 0; sequence < sequences - 1; sequence++) {
            blocks.add(random.ints(length + 1, 0, config.vocabulary()).toArray());
            TreeSet<Integer> ascending = new TreeSet<>(List.of(0));
            for (int document = 0; document < 3; document++) {
                ascending.add(random.nextInt(1, length));
            }
            if (sequence == 0) {
                ascending.addAll(List.of(length - 1, length));
            }
            starts.add(ascending.stream().mapToInt(Integer::intValue).toArray());
        }
        return TokenBatch.of(sequences, length, blocks, starts);
    }
}

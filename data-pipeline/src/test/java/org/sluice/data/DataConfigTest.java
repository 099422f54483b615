package org.sluice.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class DataConfigTest {
    private static final CorpusInput INPUT = CorpusInput.of("prose", "a.txt");
    private static final TokenizerConfig TOKENIZER = TokenizerConfig.trained(1000);

    private static DataConfig config(int blockLength, double heldOut, int shard, long document) {
        return new DataConfig("out", List.of(INPUT), TOKENIZER, blockLength, heldOut, 1, shard, true, document);
    }

    private static void assertRefused(Supplier<?> made, String... parts) {
        assertThatThrownBy(made::get)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void namesTheValueAndItsRange() {
        assertRefused(() -> config(1, 0, 1, 1), "block length (1)", "between 2");
        assertRefused(() -> config(8, 0.6, 1, 1), "held-out fraction (0.6)", "0.5");
        assertRefused(() -> config(8, Double.NaN, 1, 1), "held-out fraction (NaN)");
        assertRefused(() -> config(8, 0, 0, 1), "blocks per shard (0)");
        assertRefused(() -> config(4096, 0, 40_000, 1), "40000 blocks per shard", "at most 32760 blocks");
        assertRefused(() -> config(8, 0, 1, 0), "maximum document size", "(0)");
        assertRefused(() -> TokenizerConfig.trained(256), "vocabulary size (256)", "257");
        assertRefused(() -> new TokenizerConfig(null, 300, 0, 1, null), "minimum frequency (0)");
        assertRefused(() -> new TokenizerConfig(null, 300, 1, 0, null), "sample (0 bytes)");
        assertRefused(() -> CorpusInput.of("", "a"), "no domain");
        assertRefused(() -> CorpusInput.of("prose"), "'prose'", "no paths");
        assertRefused(() -> INPUT.including("*.{a"), "*.{a");
        assertRefused(() -> DataConfig.of("out", List.of(), TOKENIZER, 8, 1), "no inputs");
        assertRefused(() -> DataConfig.of("out", List.of(INPUT), null, 8, 1), "no tokenizer");
    }

    @Test
    void aHashIsOfWhatIsAskedForAndNotOfWhereItGoes() {
        CorpusInput other = CorpusInput.of("code", "b");
        DataConfig config = DataConfig.of("here", List.of(INPUT, other), TOKENIZER, 8, 1);
        assertThat(DataConfig.of("there", List.of(other, INPUT), TOKENIZER, 8, 1)
                        .hash())
                .isEqualTo(config.hash());
        assertThat(DataConfig.of("here", List.of(INPUT, other), TOKENIZER, 8, 2).hash())
                .isNotEqualTo(config.hash());
        assertThat(config.domains()).containsExactly("code", "prose");
        // Longest blocks still have a shard size by default.
        assertThat(DataConfig.of("here", List.of(INPUT), TOKENIZER, 1 << 20, 1).blocksPerShard())
                .isEqualTo(127);
    }

    @Test
    void aNameTellsTheFormat() {
        assertThat(InputFormat.of("a.jsonl.gz")).isEqualTo(InputFormat.JSONL);
        assertThat(InputFormat.of("A.NDJSON.ZST")).isEqualTo(InputFormat.JSONL);
        assertThat(InputFormat.of("a.parquet")).isEqualTo(InputFormat.PARQUET);
        assertThat(InputFormat.of("a.jar")).isEqualTo(InputFormat.ARCHIVE);
        assertThat(InputFormat.of("a.zip")).isEqualTo(InputFormat.ARCHIVE);
        assertThat(InputFormat.of("README")).isEqualTo(InputFormat.TEXT);
        assertThat(InputFormat.of("a.txt.gz")).isEqualTo(InputFormat.TEXT);
    }
}

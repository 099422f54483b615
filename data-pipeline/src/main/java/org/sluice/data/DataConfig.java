package org.sluice.data;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * How a corpus becomes a dataset of token blocks.
 *
 * @param output the dataset's folder, on any file system that Hadoop knows; null in a manifest
 * @param inputs where the documents come from; at least one. Their order does not matter
 * @param tokenizer the tokenizer to bring or train
 * @param blockLength positions of a block ({@code L}): a block holds {@code L + 1} tokens; 2 to 1,048,576
 * @param heldOutFraction the share of documents, chosen by their hash, that is kept from training; 0 (none) to 0.5
 * @param seed the seed of the training order
 * @param blocksPerShard about how many blocks a Parquet file holds; at least 1, and a shard must stay below 512 MiB, for a reader
 *     holds one in memory
 * @param dropDuplicates whether documents of exactly equal text are kept once; among domains, the first by name keeps it
 * @param maximumDocumentBytes longer documents (UTF-8 bytes) are skipped and counted; 1 to 256 MiB. It bounds the memory that a hostile
 *     archive entry can take
 */
public record DataConfig(
        String output,
        List<CorpusInput> inputs,
        TokenizerConfig tokenizer,
        int blockLength,
        double heldOutFraction,
        long seed,
        int blocksPerShard,
        boolean dropDuplicates,
        long maximumDocumentBytes) {
    /** The held-out fraction where none is named. */
    public static final double DEFAULT_HELD_OUT_FRACTION = 0.01;

    /** The blocks of a shard where nothing is named: 32 MiB of 4,096 positions in two bytes each. */
    public static final int DEFAULT_BLOCKS_PER_SHARD = 4096;

    /** The longest document where nothing is named: 64 MiB. */
    public static final long DEFAULT_MAXIMUM_DOCUMENT_BYTES = 64L << 20;

    private static final int LONGEST_BLOCK = 1 << 20;
    private static final long LARGEST_DOCUMENT = 256L << 20;
    private static final long LARGEST_SHARD = 512L << 20;

    /** @throws IllegalArgumentException if a value is missing or out of its range */
    public DataConfig {
        if (inputs == null || inputs.isEmpty()) {
            throw new IllegalArgumentException("the dataset has no inputs; name at least one with a domain and paths");
        }
        inputs = inputs.stream()
                .sorted(Comparator.comparing(CorpusInput::domain).thenComparing(CorpusInput::toString))
                .toList();
        if (tokenizer == null) {
            throw new IllegalArgumentException("the dataset has no tokenizer; bring one by its path or train one");
        }
        requireBetween("block length", blockLength, 2, LONGEST_BLOCK);
        if (!(heldOutFraction >= 0 && heldOutFraction <= 0.5)) {
            throw new IllegalArgumentException(
                    "the held-out fraction (" + heldOutFraction + ") must be between 0 and 0.5");
        }
        requireBetween("blocks per shard", blocksPerShard, 1, Integer.MAX_VALUE);
        long shardBytes = blocksPerShard * (blockLength + 1L) * Integer.BYTES;
        if (shardBytes > LARGEST_SHARD) {
            throw new IllegalArgumentException(blocksPerShard + " blocks per shard of block length " + blockLength
                    + " may take " + shardBytes + " bytes; a shard must stay below " + LARGEST_SHARD
                    + ": at most " + LARGEST_SHARD / ((blockLength + 1L) * Integer.BYTES) + " blocks");
        }
        requireBetween("maximum document size in bytes", maximumDocumentBytes, 1, LARGEST_DOCUMENT);
    }

    /** A configuration with defaults for all that is not named here. */
    public static DataConfig of(
            String output, List<CorpusInput> inputs, TokenizerConfig tokenizer, int blockLength, long seed) {
        int shard = (int) Math.min(DEFAULT_BLOCKS_PER_SHARD, LARGEST_SHARD / ((blockLength + 1L) * Integer.BYTES));
        return new DataConfig(
                output,
                inputs,
                tokenizer,
                blockLength,
                DEFAULT_HELD_OUT_FRACTION,
                seed,
                shard,
                true,
                DEFAULT_MAXIMUM_DOCUMENT_BYTES);
    }

    /** The domains of the inputs, sorted by name, each once. */
    @JsonIgnore
    public List<String> domains() {
        TreeSet<String> names = new TreeSet<>();
        inputs.forEach(input -> names.add(input.domain()));
        return List.copyOf(names);
    }

    /** SHA-256, in hex, of everything here but the output folder: equal configurations have equal hashes. */
    @JsonIgnore
    public String hash() {
        return Digests.sha256(ManifestFormat.bytes(withoutOutput()));
    }

    /** What a manifest keeps: a dataset that is moved stays the same dataset. */
    DataConfig withoutOutput() {
        return new DataConfig(
                null,
                inputs,
                tokenizer,
                blockLength,
                heldOutFraction,
                seed,
                blocksPerShard,
                dropDuplicates,
                maximumDocumentBytes);
    }

    private static void requireBetween(String name, long value, long smallest, long largest) {
        if (value < smallest || value > largest) {
            throw new IllegalArgumentException(
                    "the " + name + " (" + value + ") must be between " + smallest + " and " + largest);
        }
    }
}

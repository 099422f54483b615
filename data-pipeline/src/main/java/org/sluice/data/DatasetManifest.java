package org.sluice.data;

import java.util.List;
import java.util.Map;

/**
 * What a dataset's {@code manifest.json} says.
 *
 * @param formatVersion the version of the folder's format; this release reads {@link #FORMAT_VERSION}
 * @param tokenizerFingerprint SHA-256 of {@code tokenizer.json}, in hex
 * @param endOfTextToken the token that ends a document, as it is written
 * @param endOfText its number
 * @param vocabulary tokens of the tokenizer: one more than the largest number
 * @param blockLength positions of a block ({@code L}); a block holds {@code L + 1} tokens
 * @param tokenType how shards store a token
 * @param train the blocks to train on, in training order
 * @param heldOut the blocks kept from training, domain after domain
 * @param domains the domains, by name
 * @param heldOutRanges where each domain's held-out blocks are
 * @param configuration the configuration that made the dataset, without the folder's place
 * @param configurationHash {@link DataConfig#hash}
 * @param corpusHash SHA-256 over the names and lengths of the input files
 */
public record DatasetManifest(
        int formatVersion,
        String tokenizerFingerprint,
        String endOfTextToken,
        int endOfText,
        int vocabulary,
        int blockLength,
        TokenType tokenType,
        Side train,
        Side heldOut,
        List<Domain> domains,
        List<DomainRange> heldOutRanges,
        DataConfig configuration,
        String configurationHash,
        String corpusHash) {
    /** The format that this release writes and reads. */
    public static final int FORMAT_VERSION = 1;

    public DatasetManifest {
        domains = List.copyOf(domains);
        heldOutRanges = List.copyOf(heldOutRanges);
    }

    /**
     * One side of the held-out split.
     *
     * @param blocks blocks of all shards
     * @param tokens tokens of all documents with their end-of-text tokens, padding not counted
     * @param paddingTokens tokens that only fill the ends of streams
     * @param shards the files, by first block
     */
    public record Side(long blocks, long tokens, long paddingTokens, List<Shard> shards) {
        public Side {
            shards = List.copyOf(shards);
        }
    }

    /**
     * A Parquet file of consecutive blocks.
     *
     * @param file its path below the dataset's folder: {@code train/shard-000000.parquet}
     * @param firstBlock the number of its first block
     * @param blocks how many it holds
     * @param bytes the file's length
     * @param sha256 of the file, in hex
     */
    public record Shard(String file, long firstBlock, int blocks, long bytes, String sha256) {
        private static final String INSIDE_FOLDER = "[A-Za-z0-9_-]+/[A-Za-z0-9_-][A-Za-z0-9._-]*";

        /** @throws IllegalArgumentException if the path does not stay inside the dataset's folder */
        public Shard {
            if (!file.matches(INSIDE_FOLDER)) {
                throw new IllegalArgumentException("'" + file
                        + "' cannot name a shard of a dataset: expected a folder and a file in it, such as"
                        + " train/shard-000000.parquet");
            }
        }
    }

    /**
     * What became of one domain.
     *
     * @param train its documents to train on
     * @param heldOut its documents kept from training
     * @param duplicates documents dropped because one of equal text is kept
     * @param skipped documents left out, by reason
     */
    public record Domain(String name, Counts train, Counts heldOut, long duplicates, Map<SkipReason, Long> skipped) {
        public Domain {
            skipped = Map.copyOf(skipped);
        }
    }

    /**
     * Counts of one side of a domain.
     *
     * @param bytes of the documents in UTF-8
     * @param tokens with one end-of-text token a document, padding not counted
     */
    public record Counts(long documents, long bytes, long tokens, long paddingTokens, long blocks) {}

    /** A domain's held-out blocks: {@code blocks} of them from {@code firstBlock} on. */
    public record DomainRange(String domain, long firstBlock, long blocks) {}
}

package org.sluice.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Row;

/** Puts together what a preparation has counted and written. */
final class ManifestBuilder {
    private final DataConfig config;
    private final CorpusStatistics statistics;
    private final BlockPlan plan;
    private final Tokenizer tokenizer;
    private final TokenType tokenType;

    ManifestBuilder(
            DataConfig config, CorpusStatistics statistics, BlockPlan plan, Tokenizer tokenizer, TokenType tokenType) {
        this.config = config;
        this.statistics = statistics;
        this.plan = plan;
        this.tokenizer = tokenizer;
        this.tokenType = tokenType;
    }

    /** @param written rows of (shard, bytes, SHA-256) in any order */
    DatasetManifest build(List<Row> written, CorpusListing listing) {
        List<DatasetManifest.Domain> domains = new ArrayList<>();
        List<DatasetManifest.DomainRange> ranges = new ArrayList<>();
        List<String> names = config.domains();
        long firstHeldOut = 0;
        for (int domain = 0; domain < names.size(); domain++) {
            DatasetManifest.Counts heldOut = counts(domain, true);
            domains.add(new DatasetManifest.Domain(
                    names.get(domain),
                    counts(domain, false),
                    heldOut,
                    statistics.duplicates(domain),
                    statistics.skipped(domain)));
            if (heldOut.blocks() > 0) {
                ranges.add(new DatasetManifest.DomainRange(names.get(domain), firstHeldOut, heldOut.blocks()));
                firstHeldOut += heldOut.blocks();
            }
        }
        return new DatasetManifest(
                DatasetManifest.FORMAT_VERSION,
                tokenizer.fingerprint(),
                tokenizer.endOfTextToken(),
                tokenizer.endOfText(),
                tokenizer.vocabularySize(),
                config.blockLength(),
                tokenType,
                side(domains.stream().map(DatasetManifest.Domain::train).toList(), shards(written, false)),
                side(domains.stream().map(DatasetManifest.Domain::heldOut).toList(), shards(written, true)),
                domains,
                ranges,
                config.withoutOutput(),
                config.hash(),
                listing.hash());
    }

    private DatasetManifest.Counts counts(int domain, boolean heldOut) {
        long blocks = 0;
        long padded = 0;
        long tokens = statistics.tokens(domain, heldOut);
        for (int stream = 0; stream < plan.streams().streams(); stream++) {
            if (plan.streams().domain(stream) == domain && plan.streams().heldOut(stream) == heldOut) {
                long ofStream = plan.blocksOfStream(stream);
                blocks += ofStream;
                // Blocks of a stream share their end tokens.
                padded += ofStream == 0 ? 0 : ofStream * config.blockLength() + 1;
            }
        }
        return new DatasetManifest.Counts(
                statistics.documents(domain, heldOut),
                statistics.bytes(domain, heldOut),
                tokens,
                padded - tokens,
                blocks);
    }

    private List<DatasetManifest.Shard> shards(List<Row> written, boolean heldOut) {
        return written.stream()
                .filter(row -> plan.heldOutShard(row.getInt(0)) == heldOut)
                .sorted(Comparator.comparingInt(row -> row.getInt(0)))
                .map(row -> new DatasetManifest.Shard(
                        WrittenShards.file(plan, row.getInt(0)),
                        plan.firstBlock(row.getInt(0)),
                        plan.blocks(row.getInt(0)),
                        row.getLong(1),
                        row.getString(2)))
                .toList();
    }

    private static DatasetManifest.Side side(List<DatasetManifest.Counts> counts, List<DatasetManifest.Shard> shards) {
        long blocks = counts.stream().mapToLong(DatasetManifest.Counts::blocks).sum();
        long written = shards.stream().mapToLong(DatasetManifest.Shard::blocks).sum();
        if (blocks != written) {
            throw new IllegalStateException(written + " blocks were written where " + blocks + " were planned");
        }
        return new DatasetManifest.Side(
                blocks,
                counts.stream().mapToLong(DatasetManifest.Counts::tokens).sum(),
                counts.stream().mapToLong(DatasetManifest.Counts::paddingTokens).sum(),
                shards);
    }
}

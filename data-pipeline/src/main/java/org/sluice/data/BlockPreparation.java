package org.sluice.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udf;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF3;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/** From documents and a tokenizer to the shards of a dataset. */
final class BlockPreparation {
    private static final long TASK_BYTES = 64L << 20;
    // Compressed text grows about so much when it is read.
    private static final long EXPANSION = 4;
    private static final int MOST_TASKS = 1 << 16;

    private final SparkSession spark;
    private final DataConfig config;
    private final PreparationListener listener;
    private final Configuration hadoop;
    private final OutputFolder output;
    private final List<String> domains;

    BlockPreparation(
            SparkSession spark,
            DataConfig config,
            PreparationListener listener,
            Configuration hadoop,
            OutputFolder output) {
        this.spark = spark;
        this.config = config;
        this.listener = listener;
        this.hadoop = hadoop;
        this.output = output;
        this.domains = config.domains();
    }

    /** Writes all shards. @return the manifest that describes them */
    DatasetManifest write(Corpus corpus, CorpusListing listing, Tokenizer tokenizer) {
        TokenType tokenType = TokenType.of(tokenizer.vocabularySize());
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Broadcast<TokenizerSource> travelling = context.broadcast(new TokenizerSource(tokenizer));
        // Kept on disk: encoding is the dear part, and what is counted first is packed later.
        org.apache.spark.sql.Dataset<Row> documents =
                encode(corpus, listing, travelling, tokenType).persist(StorageLevel.DISK_ONLY());
        try {
            CorpusStatistics statistics;
            try (StageProgress progress = stage(PreparationListener.Stage.ENCODE)) {
                statistics = CorpusStatistics.of(documents);
            }
            new CorpusCheck(config, statistics, listener).check();
            BlockPlan plan = plan(documents, statistics);
            List<Row> shards;
            try (StageProgress progress = stage(PreparationListener.Stage.WRITE)) {
                shards = writeShards(documents, plan, tokenizer, tokenType);
            }
            return new ManifestBuilder(config, statistics, plan, tokenizer, tokenType).build(shards, listing);
        } finally {
            documents.unpersist(false);
            travelling.destroy();
        }
    }

    private StageProgress stage(PreparationListener.Stage stage) {
        return new StageProgress(spark.sparkContext(), stage, listener);
    }

    private org.apache.spark.sql.Dataset<Row> encode(
            Corpus corpus, CorpusListing listing, Broadcast<TokenizerSource> tokenizer, TokenType tokenType) {
        int[] domainOfInput = config.inputs().stream()
                .mapToInt(input -> domains.indexOf(input.domain()))
                .toArray();
        org.apache.spark.sql.Dataset<Row> encoded = corpus.read(
                new EncodedDocuments.Encoding(tokenizer, tokenType, config.heldOutFraction(), domainOfInput),
                EncodedDocuments.SCHEMA);
        if (!config.dropDuplicates()) {
            return encoded;
        }
        MapPartitionsFunction<Row, Row> markDuplicates = EncodedDocuments.Duplicates::new;
        return encoded.repartition(tasks(listing.bytes() * EXPANSION), col(EncodedDocuments.HASH))
                .sortWithinPartitions(EncodedDocuments.HASH, EncodedDocuments.DOMAIN, EncodedDocuments.INPUT)
                .mapPartitions(markDuplicates, Encoders.row(EncodedDocuments.SCHEMA));
    }

    private BlockPlan plan(org.apache.spark.sql.Dataset<Row> documents, CorpusStatistics statistics) {
        StreamPlan streams = new StreamPlan(
                tokens(statistics, false), tokens(statistics, true), config.blockLength(), config.seed());
        long[] tokensOfStream = new long[streams.streams()];
        try (StageProgress progress = stage(PreparationListener.Stage.PLAN)) {
            for (Row row : kept(documents, streams)
                    .groupBy(PackedBlocks.STREAM)
                    .agg(sum(EncodedDocuments.TOKENS))
                    .collectAsList()) {
                tokensOfStream[row.getInt(0)] = row.getLong(1);
            }
        }
        return new BlockPlan(streams, tokensOfStream, config.blockLength(), config.blocksPerShard(), config.seed());
    }

    private long[] tokens(CorpusStatistics statistics, boolean heldOut) {
        long[] tokens = new long[domains.size()];
        for (int domain = 0; domain < tokens.length; domain++) {
            tokens[domain] = statistics.tokens(domain, heldOut);
        }
        return tokens;
    }

    private static org.apache.spark.sql.Dataset<Row> kept(
            org.apache.spark.sql.Dataset<Row> documents, StreamPlan streams) {
        UDF3<Boolean, Integer, byte[], Integer> stream = streams::stream;
        return documents
                .filter(col(EncodedDocuments.KIND).equalTo(EncodedDocuments.DOCUMENT))
                .select(
                        udf(stream, DataTypes.IntegerType)
                                .apply(
                                        col(EncodedDocuments.HELD_OUT),
                                        col(EncodedDocuments.DOMAIN),
                                        col(EncodedDocuments.HASH))
                                .as(PackedBlocks.STREAM),
                        col(EncodedDocuments.HASH),
                        col(EncodedDocuments.DATA),
                        col(EncodedDocuments.TOKENS));
    }

    private List<Row> writeShards(
            org.apache.spark.sql.Dataset<Row> documents, BlockPlan plan, Tokenizer tokenizer, TokenType tokenType) {
        int streams = plan.streams().streams();
        int streamTasks = Math.min(MOST_TASKS, streams);
        int shardTasks = Math.min(MOST_TASKS, plan.shards());
        int blockLength = config.blockLength();
        int endOfText = tokenizer.endOfText();
        MapPartitionsFunction<Row, Row> pack = rows -> new PackedBlocks(rows, plan, tokenType, blockLength, endOfText);
        WrittenShards write =
                new WrittenShards(output.path(), new HadoopSettings(hadoop), plan, domains.toArray(String[]::new));
        return kept(documents, plan.streams())
                .drop(EncodedDocuments.TOKENS)
                .repartitionById(streamTasks, pmod(col(PackedBlocks.STREAM), lit(streamTasks)))
                .sortWithinPartitions(PackedBlocks.STREAM, EncodedDocuments.HASH)
                .mapPartitions(pack, Encoders.row(PackedBlocks.SCHEMA))
                .repartitionById(shardTasks, pmod(col(PackedBlocks.SHARD), lit(shardTasks)))
                .sortWithinPartitions(PackedBlocks.SHARD, PackedBlocks.ORDER, PackedBlocks.STREAM, PackedBlocks.INDEX)
                .mapPartitions(write, Encoders.row(WrittenShards.SCHEMA))
                .collectAsList();
    }

    private int tasks(long bytes) {
        long wanted = Math.max(spark.sparkContext().defaultParallelism(), bytes / TASK_BYTES);
        return (int) Math.max(1, Math.min(MOST_TASKS, wanted));
    }
}

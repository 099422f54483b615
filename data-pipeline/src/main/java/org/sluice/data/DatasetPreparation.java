package org.sluice.data;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Turns a corpus into a dataset of token blocks, on Spark.
 *
 * <p>Documents are read and encoded where they lie, compared by hash, gathered into streams, packed into blocks, and written in training
 * order. Three shuffles carry tokens, never text; the driver holds word counts while it trains a tokenizer, and counts of streams and
 * shards. A task that fails is run again with the same result. Every file is written in place and none is renamed; the folder counts as
 * complete only once {@code _SUCCESS} is there.
 */
public final class DatasetPreparation {
    private final SparkSession spark;
    private final DataConfig config;
    private final PreparationListener listener;
    private final Configuration hadoop;

    private DatasetPreparation(SparkSession spark, DataConfig config, PreparationListener listener) {
        this.spark = spark;
        this.config = config;
        this.listener = listener;
        this.hadoop = spark.sparkContext().hadoopConfiguration();
    }

    /**
     * Prepares a dataset. A complete dataset of the same configuration and corpus is used again; an interrupted one is started afresh.
     *
     * @param overwrite whether a complete dataset of another configuration or corpus is replaced
     * @param listener hears the progress
     * @throws DatasetException if an input is missing, damaged or without documents, if nothing is left to train on or to hold out, if
     *     the tokenizer cannot be used, or if the folder holds something else
     */
    public static Dataset prepare(
            SparkSession spark, DataConfig config, boolean overwrite, PreparationListener listener) {
        return new DatasetPreparation(spark, config, listener).prepare(overwrite);
    }

    private Dataset prepare(boolean overwrite) {
        OutputFolder output = new OutputFolder(config.output(), hadoop);
        if (output.isComplete() && !overwrite) {
            return reuse(output);
        }
        CorpusListing listing = CorpusListing.list(config.inputs(), hadoop);
        byte[] brought = config.tokenizer().path() == null ? null : broughtTokenizer();
        Corpus corpus = new Corpus(spark, config, listing, hadoop);
        output.startAfresh();
        try {
            byte[] tokenizerJson = brought != null
                    ? brought
                    : new TokenizerTraining(spark, corpus, config, listener).train(listing.bytes());
            Tokenizer tokenizer = tokenizer(tokenizerJson);
            output.write(DatasetFiles.TOKENIZER, tokenizerJson);
            DatasetManifest manifest =
                    new BlockPreparation(spark, config, listener, hadoop, output).write(corpus, listing, tokenizer);
            output.write(DatasetFiles.MANIFEST, ManifestFormat.bytes(manifest));
            output.complete();
        } catch (Exception e) {
            throw explained(e);
        }
        return Dataset.open(hadoop, output.path());
    }

    private Dataset reuse(OutputFolder output) {
        Dataset dataset = Dataset.open(hadoop, output.path());
        DatasetManifest manifest = dataset.manifest();
        if (!manifest.configurationHash().equals(config.hash())) {
            throw new DatasetException(
                    "the folder " + output.path() + " holds a dataset of another configuration (hash "
                            + manifest.configurationHash() + ", asked for " + config.hash()
                            + "); name another folder, or allow overwriting");
        }
        if (corpusChanged(manifest)) {
            throw new DatasetException("the input files have changed since the dataset " + output.path()
                    + " was prepared; name another folder, or allow overwriting");
        }
        listener.message("Using the dataset " + output.path() + " again: it is complete and of the same configuration");
        return dataset;
    }

    private boolean corpusChanged(DatasetManifest manifest) {
        try {
            boolean sameFiles =
                    CorpusListing.list(config.inputs(), hadoop).hash().equals(manifest.corpusHash());
            boolean sameTokenizer = config.tokenizer().path() == null
                    || Digests.sha256(broughtTokenizer()).equals(manifest.tokenizerFingerprint());
            return !sameFiles || !sameTokenizer;
        } catch (DatasetException e) {
            listener.message("The corpus cannot be compared with the dataset's: " + e.getMessage());
            return false;
        }
    }

    private byte[] broughtTokenizer() {
        Path file = new Path(config.tokenizer().path());
        byte[] json = DatasetFiles.read(DatasetFiles.fileSystem(file, hadoop), file);
        tokenizer(json);
        return json;
    }

    private Tokenizer tokenizer(byte[] json) {
        try {
            return Tokenizer.of(json, config.tokenizer().endOfText());
        } catch (DatasetException e) {
            String name = config.tokenizer().path() == null
                    ? "the trained tokenizer"
                    : config.tokenizer().path();
            throw new DatasetException(name + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** What a failed Spark job was about, if it was about the corpus. */
    private static RuntimeException explained(Exception failure) {
        for (Throwable cause : causes(failure)) {
            if (cause instanceof DatasetException) {
                return new DatasetException(cause.getMessage(), failure);
            }
        }
        return failure instanceof RuntimeException
                ? (RuntimeException) failure
                : new DatasetException("the preparation failed: " + failure.getMessage(), failure);
    }

    private static List<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(50)
                .toList();
    }
}

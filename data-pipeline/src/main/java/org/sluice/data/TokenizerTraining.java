package org.sluice.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Trains a byte-level BPE tokenizer on a corpus: Spark counts words, the driver learns merges. */
final class TokenizerTraining {
    /** The driver learns from this many of the most frequent words; rarer ones hardly move a merge. */
    private static final int MOST_WORDS = 2_000_000;
    // Files of fewer bytes than the sample over this ratio hold less text than the sample: no need to count.
    private static final long HIGHEST_COMPRESSION = 20;

    private final SparkSession spark;
    private final Corpus corpus;
    private final DataConfig config;
    private final PreparationListener listener;

    TokenizerTraining(SparkSession spark, Corpus corpus, DataConfig config, PreparationListener listener) {
        this.spark = spark;
        this.corpus = corpus;
        this.config = config;
        this.listener = listener;
    }

    /**
     * Trains.
     *
     * @param corpusBytes the length of all input files
     * @return the bytes of a tokenizer.json
     * @throws DatasetException if the corpus has no words
     */
    byte[] train(long corpusBytes) {
        double fraction = sampleFraction(corpusBytes);
        List<BytePairTrainer.CountedWord> words = words(fraction);
        if (words.isEmpty()) {
            throw new DatasetException("the corpus has no text to train a tokenizer on; check the inputs of domains "
                    + String.join(", ", config.domains()));
        }
        TokenizerConfig tokenizer = config.tokenizer();
        int merges = tokenizer.vocabularySize() - BytePairTrainer.FIRST_MERGE - 1;
        List<BytePairTrainer.Merge> learnt =
                BytePairTrainer.train(words, merges, tokenizer.minimumFrequency(), listener);
        if (learnt.size() < merges) {
            listener.message("The corpus gave " + learnt.size() + " merges of " + merges + ": the vocabulary has "
                    + (learnt.size() + BytePairTrainer.FIRST_MERGE + 1) + " tokens");
        }
        return TokenizerFile.write(learnt, tokenizer.endOfText(), SplitPattern.QWEN2);
    }

    private double sampleFraction(long corpusBytes) {
        long sample = config.tokenizer().sampleBytes();
        if (corpusBytes < sample / HIGHEST_COMPRESSION) {
            return 1;
        }
        StructType schema = new StructType().add("bytes", DataTypes.LongType);
        try (StageProgress progress =
                new StageProgress(spark.sparkContext(), PreparationListener.Stage.SAMPLE, listener)) {
            Row total = corpus.read(TokenizerTraining::countBytes, schema)
                    .agg(sum("bytes"))
                    .first();
            long bytes = total.isNullAt(0) ? 0 : total.getLong(0);
            return bytes <= sample ? 1 : (double) sample / bytes;
        }
    }

    private static Iterator<Row> countBytes(Iterator<DocumentEvent> documents) {
        long bytes = 0;
        while (documents.hasNext()) {
            DocumentEvent document = documents.next();
            bytes += document.isDocument() ? document.utf8().length : 0;
        }
        return List.of(RowFactory.create(bytes)).iterator();
    }

    private List<BytePairTrainer.CountedWord> words(double sampleFraction) {
        List<Row> rows;
        try (StageProgress progress =
                new StageProgress(spark.sparkContext(), PreparationListener.Stage.WORDS, listener)) {
            rows = corpus.read(new WordReading(config.heldOutFraction(), sampleFraction), WordReading.SCHEMA)
                    .groupBy(WordReading.WORD)
                    .agg(sum(WordReading.COUNT).as(WordReading.COUNT))
                    .orderBy(col(WordReading.COUNT).desc(), col(WordReading.WORD))
                    .limit(MOST_WORDS)
                    .collectAsList();
        }
        List<BytePairTrainer.CountedWord> words = new ArrayList<>(rows.size());
        for (Row row : rows) {
            words.add(
                    new BytePairTrainer.CountedWord(row.getString(0).getBytes(StandardCharsets.UTF_8), row.getLong(1)));
        }
        return words;
    }
}

package org.sluice.data;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Counts the words of sampled documents that are not held out; one row a word and count, a word possibly several times.
 *
 * @param heldOutFraction held-out documents teach the tokenizer nothing
 * @param sampleFraction the share of documents to count
 */
record WordReading(double heldOutFraction, double sampleFraction) implements Corpus.Reading {
    static final String WORD = "word";
    static final String COUNT = "count";
    static final StructType SCHEMA =
            new StructType().add(WORD, DataTypes.StringType).add(COUNT, DataTypes.LongType);

    // A longer word is a line of data, not a word.
    private static final int LONGEST_WORD = 256;
    private static final int WORDS_IN_MEMORY = 500_000;

    @Override
    public Iterator<Row> read(Iterator<DocumentEvent> documents) {
        return new WordRows(documents);
    }

    private final class WordRows implements Iterator<Row> {
        private final Iterator<DocumentEvent> documents;
        private final Map<String, long[]> counts = new HashMap<>();
        private final Pattern pattern = SplitPattern.QWEN2.pattern();
        private Iterator<Map.Entry<String, long[]>> ready = java.util.Collections.emptyIterator();

        private WordRows(Iterator<DocumentEvent> documents) {
            this.documents = documents;
        }

        @Override
        public boolean hasNext() {
            if (!ready.hasNext()) {
                counts.clear();
                while (documents.hasNext() && counts.size() < WORDS_IN_MEMORY) {
                    count(documents.next());
                }
                ready = counts.entrySet().iterator();
            }
            return ready.hasNext();
        }

        @Override
        public Row next() {
            if (!hasNext()) {
                throw new NoSuchElementException("there is no further word");
            }
            Map.Entry<String, long[]> entry = ready.next();
            return RowFactory.create(entry.getKey(), entry.getValue()[0]);
        }

        private void count(DocumentEvent document) {
            if (!document.isDocument()) {
                return;
            }
            byte[] hash = DocumentHash.of(document.utf8());
            if (DocumentHash.heldOut(hash, heldOutFraction) || !DocumentHash.sampled(hash, sampleFraction)) {
                return;
            }
            Matcher words = pattern.matcher(document.text());
            while (words.find()) {
                if (words.end() - words.start() <= LONGEST_WORD) {
                    counts.computeIfAbsent(words.group(), word -> new long[1])[0]++;
                }
            }
        }
    }
}

package org.sluice.data;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rows of encoded documents, with the duplicates and skips among them, and how they come about. */
final class EncodedDocuments {
    static final String HASH = "hash";
    static final String DOMAIN = "domain";
    static final String INPUT = "input";
    static final String KIND = "kind";
    static final String REASON = "reason";
    static final String PLACE = "place";
    static final String HELD_OUT = "held_out";
    static final String BYTES = "bytes";
    static final String TOKENS = "tokens";
    static final String DATA = "data";

    /** What a row is. */
    static final int DOCUMENT = 0;

    static final int DUPLICATE = 1;
    static final int SKIPPED = 2;

    static final StructType SCHEMA = new StructType()
            .add(HASH, DataTypes.BinaryType)
            .add(DOMAIN, DataTypes.IntegerType)
            .add(INPUT, DataTypes.IntegerType)
            .add(KIND, DataTypes.IntegerType)
            .add(REASON, DataTypes.StringType)
            .add(PLACE, DataTypes.StringType)
            .add(HELD_OUT, DataTypes.BooleanType)
            .add(BYTES, DataTypes.LongType)
            .add(TOKENS, DataTypes.LongType)
            .add(DATA, DataTypes.BinaryType);

    private static final Logger LOG = LoggerFactory.getLogger(EncodedDocuments.class);
    private static final int SKIPS_LOGGED_BY_A_TASK = 100;

    private EncodedDocuments() {}

    /**
     * Encodes documents.
     *
     * @param domainOfInput the index of each input's domain among the sorted domains
     */
    record Encoding(
            Broadcast<TokenizerSource> tokenizer, TokenType tokenType, double heldOutFraction, int[] domainOfInput)
            implements Corpus.Reading {
        @Override
        public Iterator<Row> read(Iterator<DocumentEvent> documents) {
            Tokenizer encoder = tokenizer.value().get();
            return new Iterator<>() {
                private long skipped;

                @Override
                public boolean hasNext() {
                    return documents.hasNext();
                }

                @Override
                public Row next() {
                    DocumentEvent document = documents.next();
                    if (!document.isDocument()) {
                        return skip(document, document.skipped());
                    }
                    return encoded(document, encoder.encode(document.text()));
                }

                private Row skip(DocumentEvent document, SkipReason reason) {
                    if (skipped++ < SKIPS_LOGGED_BY_A_TASK) {
                        LOG.warn("Skipped {}: {}", document.place(), reason.explanation());
                    }
                    return skipRow(document, reason);
                }
            };
        }

        private Row encoded(DocumentEvent document, int[] tokens) {
            byte[] hash = DocumentHash.of(document.utf8());
            return RowFactory.create(
                    hash,
                    domainOfInput[document.input()],
                    document.input(),
                    DOCUMENT,
                    null,
                    null,
                    DocumentHash.heldOut(hash, heldOutFraction),
                    (long) document.utf8().length,
                    // The end-of-text token is counted here and written when blocks are packed.
                    tokens.length + 1L,
                    tokenType.write(tokens));
        }

        private Row skipRow(DocumentEvent document, SkipReason reason) {
            byte[] hash = DocumentHash.of(document.place().getBytes(StandardCharsets.UTF_8));
            return RowFactory.create(
                    hash,
                    domainOfInput[document.input()],
                    document.input(),
                    SKIPPED,
                    reason.name(),
                    document.place(),
                    false,
                    0L,
                    0L,
                    null);
        }
    }

    /** Marks all but the first of equal documents; the rows must come sorted by hash, domain and input. */
    static final class Duplicates implements Iterator<Row> {
        private final Iterator<Row> rows;
        private byte[] previous;

        Duplicates(Iterator<Row> rows) {
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public Row next() {
            Row row = rows.next();
            if (row.getInt(SCHEMA.fieldIndex(KIND)) != DOCUMENT) {
                return row;
            }
            byte[] hash = row.getAs(SCHEMA.fieldIndex(HASH));
            boolean duplicate = Arrays.equals(hash, previous);
            previous = hash;
            return duplicate ? duplicateOf(row, hash) : row;
        }

        private static Row duplicateOf(Row row, byte[] hash) {
            return RowFactory.create(
                    hash,
                    row.getInt(SCHEMA.fieldIndex(DOMAIN)),
                    row.getInt(SCHEMA.fieldIndex(INPUT)),
                    DUPLICATE,
                    null,
                    null,
                    false,
                    0L,
                    0L,
                    null);
        }
    }
}

package org.sluice.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The blocks of documents that come sorted by stream and, within one, by hash. Holds one document and one block. */
final class PackedBlocks implements Iterator<Row> {
    static final String SHARD = "shard";
    static final String ORDER = "order";
    static final String STREAM = "stream";
    static final String INDEX = "index";
    static final StructType SCHEMA = new StructType()
            .add(SHARD, DataTypes.IntegerType)
            .add(ORDER, DataTypes.LongType)
            .add(STREAM, DataTypes.IntegerType)
            .add(INDEX, DataTypes.LongType)
            .add("tokens", DataTypes.BinaryType)
            .add("document_starts", DataTypes.BinaryType);

    private final Iterator<Row> documents;
    private final BlockPlan plan;
    private final TokenType tokenType;
    private final int endOfText;
    private final BlockPacker packer;

    private int stream = -1;
    private long index;
    private byte[] document;
    private int position;
    private Row following;
    private Row ready;

    /** @param documents rows of (stream, hash, data) */
    PackedBlocks(Iterator<Row> documents, BlockPlan plan, TokenType tokenType, int blockLength, int endOfText) {
        this.documents = documents;
        this.plan = plan;
        this.tokenType = tokenType;
        this.endOfText = endOfText;
        this.packer = new BlockPacker(blockLength, endOfText);
    }

    @Override
    public boolean hasNext() {
        if (ready == null) {
            ready = pack();
        }
        return ready != null;
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException("there are no more blocks");
        }
        Row row = ready;
        ready = null;
        return row;
    }

    private Row pack() {
        while (true) {
            if (document != null) {
                if (continueDocument()) {
                    return block();
                }
                document = null;
            }
            if (following == null && documents.hasNext()) {
                following = documents.next();
            }
            if (following == null || following.getInt(0) != stream) {
                boolean padded = packer.finish();
                Row last = padded ? block() : null;
                startStream();
                if (last != null) {
                    return last;
                }
                if (following == null) {
                    return null;
                }
            }
            document = following.getAs(2);
            position = 0;
            following = null;
        }
    }

    private void startStream() {
        packer.reset();
        stream = following == null ? -1 : following.getInt(0);
        index = 0;
    }

    /** Adds the document's tokens until a block is full or, its end-of-text token added, the document ends. */
    private boolean continueDocument() {
        int length = document.length / tokenType.bytes();
        while (position <= length) {
            int token = position < length ? tokenType.read(document, position) : endOfText;
            boolean full = packer.add(token, position == 0);
            position++;
            if (full) {
                return true;
            }
        }
        return false;
    }

    private Row block() {
        Row row = RowFactory.create(
                plan.shard(stream, index),
                plan.order(stream, index),
                stream,
                index,
                tokenType.write(packer.tokens()),
                TokenType.I32.write(packer.documentStarts()));
        index++;
        packer.next();
        return row;
    }
}

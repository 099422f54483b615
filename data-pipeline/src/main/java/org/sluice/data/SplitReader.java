package org.sluice.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** Reads what a split holds, one document at a time. Closes itself at the end. For one thread. */
abstract class SplitReader implements Iterator<DocumentEvent>, Closeable {
    private final CorpusSplit split;
    private DocumentEvent next;
    private boolean ended;

    SplitReader(CorpusSplit split) {
        this.split = split;
    }

    static SplitReader open(
            CorpusSplit split, List<String> include, String textField, DocumentDecoder decoder, Configuration hadoop) {
        switch (split.format()) {
            case TEXT:
                return new TextFileReader(split, decoder, hadoop);
            case JSONL:
                return new JsonLinesReader(split, textField, decoder, hadoop);
            case ARCHIVE:
                return new ArchiveReader(split, PathFilter.of(include), decoder, hadoop);
            default:
                throw new IllegalStateException("no split holds " + split.format());
        }
    }

    /** The next document or skip, or null at the end. */
    abstract DocumentEvent read() throws IOException;

    CorpusSplit split() {
        return split;
    }

    static FSDataInputStream open(CorpusSplit split, Configuration hadoop) throws IOException {
        Path path = new Path(split.path());
        return path.getFileSystem(hadoop).open(path);
    }

    /** Reads a stream to its end, or to one byte beyond the limit. */
    static byte[] readBounded(InputStream stream, long maximumBytes) throws IOException {
        return stream.readNBytes((int) Math.min(Integer.MAX_VALUE - 8, maximumBytes + 1));
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            try {
                next = read();
                if (next == null) {
                    ended = true;
                    close();
                }
            } catch (IOException | IllegalArgumentException e) {
                throw new DatasetException(
                        "the input file " + split.path() + " cannot be read to its end: " + e.getMessage()
                                + "; replace the file or take it out of the inputs",
                        e);
            }
        }
        return next != null;
    }

    @Override
    public DocumentEvent next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the split of " + split.path() + " has no more documents");
        }
        DocumentEvent event = next;
        next = null;
        return event;
    }
}

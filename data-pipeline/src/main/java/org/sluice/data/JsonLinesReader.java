package org.sluice.data;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;

/** A file of JSON lines, or the lines that begin in a byte range of one. */
final class JsonLinesReader extends SplitReader {
    // A line holds the document escaped (at worst six bytes a character) and its other fields.
    private static final long LINE_BYTES_FOR_A_DOCUMENT_BYTE = 6;
    private static final long LONGEST_LINE = Integer.MAX_VALUE - 64;

    private final String textField;
    private final DocumentDecoder decoder;
    private final Configuration hadoop;
    private final long end;
    private InputStream stream;
    private LineReader lines;
    private long lineNumber;

    JsonLinesReader(CorpusSplit split, String textField, DocumentDecoder decoder, Configuration hadoop) {
        super(split);
        this.textField = textField;
        this.decoder = decoder;
        this.hadoop = hadoop;
        // A compressed file is never cut, and its length says nothing about the text's.
        this.end = Compression.of(split.path()) == Compression.NONE ? split.end() : Long.MAX_VALUE;
    }

    @Override
    DocumentEvent read() throws IOException {
        if (lines == null) {
            openLines();
        }
        while (lines.nextLineStart() < end) {
            byte[] line = lines.next();
            if (line == null) {
                return null;
            }
            lineNumber++;
            if (lines.tooLong()) {
                return DocumentEvent.skip(split().input(), place(), SkipReason.TOO_LARGE);
            }
            if (!isBlank(line)) {
                return decoder.jsonLine(split().input(), place(), line, textField);
            }
        }
        return null;
    }

    private void openLines() throws IOException {
        FSDataInputStream file = open(split(), hadoop);
        stream = file;
        long start = split().start();
        long longest = Math.min(LONGEST_LINE, decoder.maximumBytes() * LINE_BYTES_FOR_A_DOCUMENT_BYTE + (1 << 20));
        if (start == 0) {
            stream = Compression.of(split().path()).decompress(file, hadoop);
            lines = new LineReader(stream, 0, longest);
        } else {
            // The line that holds the byte before the start belongs to the split before this one.
            file.seek(start - 1);
            lines = new LineReader(stream, start - 1, longest);
            lines.next();
        }
    }

    private String place() {
        return split().path()
                + (split().start() == 0 ? ", line " + lineNumber : ", the line at byte " + lines.lineStart());
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        if (stream != null) {
            stream.close();
        }
    }
}

package org.sluice.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Reads lines of bytes and knows where each began. A line longer than the limit is passed over without being held. */
final class LineReader {
    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream stream;
    private final long maximumBytes;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private long bufferStart;
    private long lineStart;
    private boolean tooLong;

    /** @param offset what the stream's first byte is called by {@link #lineStart} */
    LineReader(InputStream stream, long offset, long maximumBytes) {
        this.stream = stream;
        this.bufferStart = offset;
        this.maximumBytes = maximumBytes;
    }

    /** The next line without its line feed and carriage return, or null at the end; empty if {@link #tooLong}. */
    byte[] next() throws IOException {
        if (position == limit && !fill()) {
            return null;
        }
        lineStart = bufferStart + position;
        tooLong = false;
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        boolean ended = false;
        while (!ended && (position < limit || fill())) {
            int from = position;
            while (position < limit && buffer[position] != '\n') {
                position++;
            }
            append(line, from, position - from);
            if (position < limit) {
                position++;
                ended = true;
            }
        }
        return withoutCarriageReturn(line.toByteArray());
    }

    /** Where the line that {@link #next} gave began. */
    long lineStart() {
        return lineStart;
    }

    /** Whether the line that {@link #next} gave was longer than the limit. */
    boolean tooLong() {
        return tooLong;
    }

    /** Where the next line will begin. */
    long nextLineStart() {
        return bufferStart + position;
    }

    private void append(ByteArrayOutputStream line, int from, int count) {
        if (tooLong || line.size() + (long) count > maximumBytes) {
            tooLong = true;
            line.reset();
        } else {
            line.write(buffer, from, count);
        }
    }

    private boolean fill() throws IOException {
        bufferStart += limit;
        position = 0;
        limit = 0;
        int read = stream.read(buffer, 0, buffer.length);
        limit = Math.max(read, 0);
        return read > 0;
    }

    private static byte[] withoutCarriageReturn(byte[] line) {
        if (line.length > 0 && line[line.length - 1] == '\r') {
            return java.util.Arrays.copyOf(line, line.length - 1);
        }
        return line;
    }
}

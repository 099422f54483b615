package org.sluice.model.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Writes a safetensors file as a stream, its data in pieces of any size: no tensor need be in memory at once. */
public final class SafetensorsWriter {
    private final OutputStream stream;
    private final SafetensorsHeader header;
    private long written;

    /** Writes the header. The stream stays the caller's to close. */
    public SafetensorsWriter(OutputStream stream, SafetensorsHeader header) throws IOException {
        this.stream = stream;
        this.header = header;
        stream.write(header.toBytes());
    }

    /**
     * Writes the next bytes of the data.
     *
     * @param data little-endian numbers, on the heap or direct; its position moves to its limit
     * @throws IOException if it is more than the header announces, or cannot be written
     */
    public void write(ByteBuffer data) throws IOException {
        if (data.remaining() > header.dataLength() - written) {
            throw new IOException("the header announces " + header.dataLength() + " bytes of data, " + written
                    + " are written, and " + data.remaining() + " more were given");
        }
        written += data.remaining();
        if (data.hasArray()) {
            stream.write(data.array(), data.arrayOffset() + data.position(), data.remaining());
            data.position(data.limit());
            return;
        }
        byte[] piece = new byte[Math.min(CheckpointFiles.BUFFER_BYTES, data.remaining())];
        while (data.hasRemaining()) {
            int count = Math.min(piece.length, data.remaining());
            data.get(piece, 0, count);
            stream.write(piece, 0, count);
        }
    }

    /**
     * Checks that all data was written.
     *
     * @throws IOException if some is missing; the file is of no use then
     */
    public void finish() throws IOException {
        if (written != header.dataLength()) {
            throw new IOException("the header announces " + header.dataLength() + " bytes of data, but only " + written
                    + " were written");
        }
    }
}

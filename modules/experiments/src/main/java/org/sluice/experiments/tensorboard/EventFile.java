package org.sluice.experiments.tensorboard;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A file of records as TensorFlow frames them: the length in 8 bytes, the checksum of these, the content, its checksum; lowest byte first. */
final class EventFile implements Closeable {
    private static final int MASK = 0xa282ead8;

    private final FSDataOutputStream stream;

    private EventFile(FSDataOutputStream stream) {
        this.stream = stream;
    }

    /**
     * Begins a file behind those that are in a folder: TensorBoard reads them in the order of their names.
     *
     * @param seconds the time, since 1970
     */
    static EventFile create(FileSystem files, Path folder, long seconds) throws IOException {
        files.mkdirs(folder);
        int before = files.listStatus(folder).length;
        String name = String.format(Locale.ROOT, "events.out.tfevents.%010d.sluice.%04d", seconds, before);
        return new EventFile(files.create(new Path(folder, name), false));
    }

    void write(byte[] content) throws IOException {
        byte[] framed = new byte[16 + content.length];
        ByteBuffer buffer =
                ByteBuffer.wrap(framed).order(ByteOrder.LITTLE_ENDIAN).putLong(content.length);
        buffer.putInt(maskedChecksum(framed, 0, 8)).put(content).putInt(maskedChecksum(framed, 12, content.length));
        stream.write(framed);
    }

    /** Lets readers see what was written, where the file system can do that before the file is closed. */
    void flush() throws IOException {
        stream.hflush();
    }

    /** CRC-32C, rotated and shifted, since a checksum of data that holds checksums would be weak. */
    private static int maskedChecksum(byte[] bytes, int from, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, from, length);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}

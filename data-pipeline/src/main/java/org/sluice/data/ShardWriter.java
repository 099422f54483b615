package org.sluice.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;

/** Writes one shard and takes its checksum on the way. The same blocks give the same bytes. */
final class ShardWriter implements Closeable {
    private final HashingOutputFile file;
    private final ParquetWriter<Group> writer;
    private int blocks;

    ShardWriter(Path path, Configuration hadoop) {
        try {
            file = new HashingOutputFile(path, hadoop);
            writer = ExampleParquetWriter.builder(file)
                    .withType(ShardSchema.TYPE)
                    .withConf(hadoop)
                    .withCompressionCodec(CompressionCodecName.ZSTD)
                    .withDictionaryEncoding(false)
                    .withDictionaryEncoding(ShardSchema.DOMAIN, true)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException("the shard " + path + " cannot be created: " + e.getMessage(), e);
        }
    }

    void write(long number, byte[] tokens, int[] documentStarts, String domain) {
        Group group = new SimpleGroup(ShardSchema.TYPE);
        group.add(ShardSchema.BLOCK, number);
        group.add(ShardSchema.TOKENS, Binary.fromConstantByteArray(tokens));
        for (int start : documentStarts) {
            group.add(ShardSchema.DOCUMENT_STARTS, start);
        }
        group.add(ShardSchema.DOMAIN, domain);
        try {
            writer.write(group);
        } catch (IOException e) {
            throw new UncheckedIOException("the shard " + file.path + " cannot be written: " + e.getMessage(), e);
        }
        blocks++;
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the shard " + file.path + " cannot be written: " + e.getMessage(), e);
        }
    }

    int blocks() {
        return blocks;
    }

    /** The file's length; after closing. */
    long bytes() {
        return file.stream.position;
    }

    /** The file's SHA-256, in hex; after closing, once. */
    String sha256() {
        return HexFormat.of().formatHex(file.stream.digest.digest());
    }

    private static final class HashingOutputFile implements OutputFile {
        private final Path path;
        private final Configuration hadoop;
        private HashingStream stream;

        private HashingOutputFile(Path path, Configuration hadoop) {
            this.path = path;
            this.hadoop = hadoop;
        }

        @Override
        public PositionOutputStream create(long blockSizeHint) throws IOException {
            // A task that runs again writes the same bytes over those of its first attempt.
            stream = new HashingStream(path.getFileSystem(hadoop).create(path, true));
            return stream;
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }

        @Override
        public String getPath() {
            return path.toString();
        }
    }

    private static final class HashingStream extends PositionOutputStream {
        private final FSDataOutputStream stream;
        private final MessageDigest digest = Digests.sha256();
        private long position;

        private HashingStream(FSDataOutputStream stream) {
            this.stream = stream;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int value) throws IOException {
            stream.write(value);
            digest.update((byte) value);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            stream.write(bytes, offset, length);
            digest.update(bytes, offset, length);
            position += length;
        }

        @Override
        public void flush() throws IOException {
            stream.flush();
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}

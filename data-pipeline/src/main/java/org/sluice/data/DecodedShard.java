package org.sluice.data;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.SeekableInputStream;

/** A shard in memory: read at once, its checksum compared, its columns decoded. */
final class DecodedShard {
    private final DatasetManifest.Shard shard;
    private final TokenType tokenType;
    private final byte[][] tokens;
    private final int[][] documentStarts;
    private final String[] domains;

    private DecodedShard(DatasetManifest.Shard shard, TokenType tokenType) {
        this.shard = shard;
        this.tokenType = tokenType;
        this.tokens = new byte[shard.blocks()][];
        this.documentStarts = new int[shard.blocks()][];
        this.domains = new String[shard.blocks()];
    }

    /** @throws DatasetException if the file is missing, damaged, or not what the manifest says */
    static DecodedShard read(
            FileSystem fileSystem, Path folder, DatasetManifest.Shard shard, TokenType tokenType, int blockLength) {
        Path file = new Path(folder, shard.file());
        byte[] bytes = bytes(fileSystem, file);
        String sha256 = Digests.sha256(bytes);
        if (!sha256.equals(shard.sha256())) {
            throw damaged(file, "its SHA-256 is " + sha256 + ", the manifest says " + shard.sha256(), null);
        }
        DecodedShard decoded = new DecodedShard(shard, tokenType);
        try {
            decoded.decode(bytes, file, (blockLength + 1) * tokenType.bytes());
        } catch (IOException | RuntimeException e) {
            if (e instanceof DatasetException) {
                throw (DatasetException) e;
            }
            throw damaged(file, "it is not the Parquet file that it should be: " + e.getMessage(), e);
        }
        return decoded;
    }

    boolean holds(long block) {
        return block >= shard.firstBlock() && block < shard.firstBlock() + shard.blocks();
    }

    TokenBlock block(long number) {
        int index = Math.toIntExact(number - shard.firstBlock());
        return new TokenBlock(number, tokenType.read(tokens[index]), documentStarts[index].clone(), domains[index]);
    }

    private static byte[] bytes(FileSystem fileSystem, Path file) {
        try (InputStream stream = fileSystem.open(file)) {
            return stream.readAllBytes();
        } catch (FileNotFoundException e) {
            throw new DatasetException(
                    "the shard " + file + " is missing; restore it, or prepare the dataset again", e);
        } catch (IOException e) {
            // A file system that keeps checksums of its own may find the damage first.
            throw damaged(file, "it cannot be read: " + e.getMessage(), e);
        }
    }

    private static DatasetException damaged(Path file, String how, Throwable cause) {
        return new DatasetException(
                "the shard " + file + " is damaged: " + how + ". Restore it, or prepare the dataset again", cause);
    }

    private void decode(byte[] bytes, Path file, int blockBytes) throws IOException {
        int index = 0;
        try (ParquetFileReader reader = ParquetFileReader.open(new BytesInputFile(bytes, file.toString()))) {
            MessageColumnIO columns = new ColumnIOFactory().getColumnIO(ShardSchema.TYPE);
            for (PageReadStore rows = reader.readNextRowGroup(); rows != null; rows = reader.readNextRowGroup()) {
                RecordReader<Group> records = columns.getRecordReader(rows, new GroupRecordConverter(ShardSchema.TYPE));
                for (long row = 0; row < rows.getRowCount(); row++) {
                    decode(records.read(), index++, file, blockBytes);
                }
            }
        }
        if (index != shard.blocks()) {
            throw damaged(file, "it holds " + index + " blocks, the manifest says " + shard.blocks(), null);
        }
    }

    private void decode(Group group, int index, Path file, int blockBytes) {
        long number = group.getLong(ShardSchema.BLOCK, 0);
        if (index >= tokens.length || number != shard.firstBlock() + index) {
            throw damaged(file, "block " + number + " stands where " + (shard.firstBlock() + index) + " should", null);
        }
        tokens[index] = group.getBinary(ShardSchema.TOKENS, 0).getBytes();
        if (tokens[index].length != blockBytes) {
            throw damaged(
                    file, "block " + number + " has " + tokens[index].length + " bytes instead of " + blockBytes, null);
        }
        int starts = group.getFieldRepetitionCount(ShardSchema.DOCUMENT_STARTS);
        documentStarts[index] = new int[starts];
        for (int i = 0; i < starts; i++) {
            documentStarts[index][i] = group.getInteger(ShardSchema.DOCUMENT_STARTS, i);
        }
        // The few domain names are shared, not held once a block.
        domains[index] = group.getString(ShardSchema.DOMAIN, 0).intern();
    }

    private record BytesInputFile(byte[] bytes, String name) implements InputFile {
        @Override
        public long getLength() {
            return bytes.length;
        }

        @Override
        public SeekableInputStream newStream() {
            PositionedBytes stream = new PositionedBytes(bytes);
            return new DelegatingSeekableInputStream(stream) {
                @Override
                public long getPos() {
                    return stream.position();
                }

                @Override
                public void seek(long position) {
                    stream.seek(position);
                }
            };
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final class PositionedBytes extends ByteArrayInputStream {
        private PositionedBytes(byte[] bytes) {
            super(bytes);
        }

        private long position() {
            return pos;
        }

        private void seek(long position) {
            pos = Math.toIntExact(position);
        }
    }
}

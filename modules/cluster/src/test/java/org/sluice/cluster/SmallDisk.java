package org.sluice.cluster;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * A local disk that is full when the files of a folder have so many bytes, {@code small:/path}. How many is read from a file at each
 * writing, so that a test can make the disk larger or smaller under a running training.
 */
public final class SmallDisk extends RawLocalFileSystem {
    private static final String FOLDER = "small.folder";
    private static final String CAPACITY = "capacity";

    /** Settings with which {@code small:} is a folder of that capacity. */
    static Configuration in(Path folder, long capacity) throws IOException {
        Configuration hadoop = new Configuration();
        hadoop.set("fs.small.impl", SmallDisk.class.getName());
        hadoop.setBoolean("fs.small.impl.disable.cache", true);
        hadoop.set(FOLDER, folder.toString());
        Files.createDirectories(folder);
        resize(folder, capacity);
        return hadoop;
    }

    /** Makes the disk of a folder larger or smaller. */
    static void resize(Path folder, long capacity) throws IOException {
        Path fresh = folder.resolveSibling(CAPACITY + ".new");
        Files.writeString(fresh, "" + capacity);
        Files.move(
                fresh,
                folder.resolveSibling(CAPACITY),
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /** The bytes of all files. */
    static long used(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.mapToLong(SmallDisk::length).sum();
        } catch (UncheckedIOException deletedMeanwhile) {
            return used(folder);
        }
    }

    private static long length(Path file) {
        return Files.isRegularFile(file) ? file.toFile().length() : 0;
    }

    @Override
    public URI getUri() {
        return URI.create("small:///");
    }

    @Override
    public String getScheme() {
        return "small";
    }

    @Override
    protected OutputStream createOutputStreamWithMode(
            org.apache.hadoop.fs.Path path, boolean append, FsPermission permission) throws IOException {
        Path folder = Path.of(getConf().get(FOLDER));
        return new FilterOutputStream(super.createOutputStreamWithMode(path, append, permission)) {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                long capacity = Long.parseLong(Files.readString(folder.resolveSibling(CAPACITY)));
                if (used(folder) + length > capacity) {
                    throw new IOException("No space left on device");
                }
                out.write(bytes, offset, length);
            }
        };
    }

    @Override
    protected OutputStream createOutputStream(org.apache.hadoop.fs.Path path, boolean append) throws IOException {
        return createOutputStreamWithMode(path, append, FsPermission.getFileDefault());
    }
}

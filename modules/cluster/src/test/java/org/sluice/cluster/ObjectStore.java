package org.sluice.cluster;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * An object store as Hadoop sees one, {@code objects://bucket/key}: an object appears when it is closed, and then whole; there is no appending and no
 * renaming; folders are what keys have in common, and gone with the last of them. Each object is a local file, of the key's name.
 */
public final class ObjectStore extends FileSystem {
    private static final String OBJECTS = "objects.folder";
    private static final String UNLUCKY = "objects.unlucky";

    private URI uri;
    private java.nio.file.Path objects;

    /** Settings with which {@code objects:} are files in a folder. */
    static Configuration in(java.nio.file.Path folder) {
        Configuration hadoop = new Configuration();
        hadoop.set("fs.objects.impl", ObjectStore.class.getName());
        hadoop.setBoolean("fs.objects.impl.disable.cache", true);
        hadoop.set(OBJECTS, folder.toString());
        return hadoop;
    }

    /** The same, but the first object of a name is refused when it is whole. */
    static Configuration refusingOnce(String name, java.nio.file.Path folder) {
        Configuration hadoop = in(folder);
        hadoop.set(UNLUCKY, name);
        return hadoop;
    }

    /** The file that an object is. */
    static java.nio.file.Path fileOf(java.nio.file.Path folder, String key) {
        return folder.resolve(URLEncoder.encode(key, StandardCharsets.UTF_8));
    }

    @Override
    public void initialize(URI name, Configuration hadoop) throws IOException {
        super.initialize(name, hadoop);
        setConf(hadoop);
        uri = URI.create(name.getScheme() + "://" + name.getAuthority());
        objects = java.nio.file.Path.of(hadoop.get(OBJECTS));
        Files.createDirectories(objects);
    }

    @Override
    public String getScheme() {
        return "objects";
    }

    @Override
    public URI getUri() {
        return uri;
    }

    private static String key(Path path) {
        return path.toUri().getPath().substring(1);
    }

    private java.nio.file.Path file(Path path) {
        return fileOf(objects, key(path));
    }

    private List<String> keysUnder(Path path) throws IOException {
        String prefix = key(path).isEmpty() ? "" : key(path) + "/";
        try (Stream<java.nio.file.Path> files = Files.list(objects)) {
            return files.map(file -> URLDecoder.decode(file.getFileName().toString(), StandardCharsets.UTF_8))
                    .filter(key -> !key.startsWith("being written/") && key.startsWith(prefix))
                    .toList();
        }
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        try {
            return new FSDataInputStream(new InMemory(Files.readAllBytes(file(path))));
        } catch (NoSuchFileException missing) {
            throw new FileNotFoundException(path + " is no object");
        }
    }

    @Override
    public FSDataOutputStream create(
            Path path,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            Progressable progress)
            throws IOException {
        if (!overwrite && Files.exists(file(path))) {
            throw new FileAlreadyExistsException(path + " is there already");
        }
        OutputStream object = new ByteArrayOutputStream() {
            private boolean closed;

            @Override
            public void close() throws IOException {
                if (!closed) {
                    closed = true;
                    put(path, toByteArray(), overwrite);
                }
            }
        };
        return new FSDataOutputStream(object, null);
    }

    private void put(Path path, byte[] content, boolean overwrite) throws IOException {
        if (path.getName().equals(getConf().get(UNLUCKY)) && isTheFirst(path)) {
            throw new IOException("503 Slow Down: " + path);
        }
        java.nio.file.Path unseen = fileOf(objects, "being written/" + UUID.randomUUID());
        Files.write(unseen, content);
        if (overwrite) {
            Files.move(unseen, file(path), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return;
        }
        try {
            Files.createLink(file(path), unseen);
        } catch (java.nio.file.FileAlreadyExistsException faster) {
            throw new IOException("412 Precondition Failed: " + path, faster);
        } finally {
            Files.delete(unseen);
        }
    }

    private boolean isTheFirst(Path path) throws IOException {
        try {
            Files.createFile(objects.resolveSibling("refused-" + path.getName()));
            return true;
        } catch (java.nio.file.FileAlreadyExistsException later) {
            return false;
        }
    }

    @Override
    public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
        throw new UnsupportedOperationException("objects cannot be appended to");
    }

    @Override
    public boolean rename(Path source, Path target) {
        throw new UnsupportedOperationException("objects cannot be renamed");
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        List<String> under = keysUnder(path);
        if (!under.isEmpty() && !recursive) {
            throw new IOException(path + " is not empty");
        }
        for (String key : under) {
            Files.deleteIfExists(fileOf(objects, key));
        }
        return Files.deleteIfExists(file(path)) || !under.isEmpty();
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        if (Files.exists(file(path))) {
            return new FileStatus[] {getFileStatus(path)};
        }
        Set<String> names = new TreeSet<>();
        int from = key(path).isEmpty() ? 0 : key(path).length() + 1;
        keysUnder(path).forEach(key -> names.add(key.substring(from).split("/", 2)[0]));
        if (names.isEmpty()) {
            throw new FileNotFoundException("no object has a key under " + path);
        }
        List<FileStatus> found = new ArrayList<>();
        for (String name : names) {
            found.add(getFileStatus(new Path(path, name)));
        }
        return found.toArray(FileStatus[]::new);
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        Path qualified = makeQualified(path);
        if (!key(path).isEmpty() && Files.exists(file(path))) {
            return new FileStatus(Files.size(file(path)), false, 1, 1 << 20, 0, qualified);
        }
        if (keysUnder(path).isEmpty()) {
            throw new FileNotFoundException(path + " is neither an object nor what keys have in common");
        }
        return new FileStatus(0, true, 1, 0, 0, qualified);
    }

    @Override
    public boolean mkdirs(Path path, FsPermission permission) {
        return true;
    }

    @Override
    public void setWorkingDirectory(Path path) {
        throw new UnsupportedOperationException("an object store has no working directory");
    }

    @Override
    public Path getWorkingDirectory() {
        return new Path(uri + "/");
    }

    private static final class InMemory extends FSInputStream {
        private final ByteArrayInputStream stream;
        private final int length;

        InMemory(byte[] content) {
            stream = new ByteArrayInputStream(content);
            length = content.length;
        }

        @Override
        public int read() {
            return stream.read();
        }

        @Override
        public int read(byte[] target, int offset, int count) {
            return stream.read(target, offset, count);
        }

        @Override
        public void seek(long position) throws IOException {
            if (position > length) {
                throw new EOFException("no byte " + position + " of " + length);
            }
            stream.reset();
            stream.skipNBytes(position);
        }

        @Override
        public long getPos() {
            return (long) length - stream.available();
        }

        @Override
        public boolean seekToNewSource(long position) {
            return false;
        }
    }
}

package org.sluice.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sluice.model.DecoderConfig;
import org.sluice.tensor.DType;

/** A finished checkpoint that {@link CheckpointWriter} wrote. */
public final class Checkpoint {
    private static final Pattern NUMBERED = Pattern.compile(".*?(\\d{1,18})");

    private final Configuration hadoop;
    private final Path folder;
    private final Manifest manifest;
    private final DecoderConfig model;
    private final ModelData parameters;

    private Checkpoint(Configuration hadoop, Path folder, Manifest manifest) throws IOException {
        this.hadoop = hadoop;
        this.folder = folder;
        this.manifest = manifest;
        byte[] config = read(hadoop, folder, CheckpointFiles.CONFIG);
        this.model = ModelConfigJson.read(config, new Path(folder, CheckpointFiles.CONFIG).toString());
        this.parameters = ModelData.open(hadoop, folder, manifest.files().keySet(), model);
    }

    /**
     * Opens a checkpoint and reads every file once to compare its SHA-256.
     *
     * @throws CheckpointCorruptException if a file is missing or differs; the message names it with both hashes
     * @throws CheckpointFormatException if it is not a checkpoint that this version reads
     * @throws IOException if the folder holds no finished checkpoint, or cannot be read
     */
    public static Checkpoint open(Configuration hadoop, Path folder) throws IOException {
        Manifest manifest = readManifest(hadoop, folder);
        for (FileRecord file : manifest.files().values()) {
            verify(hadoop, folder, file);
        }
        return new Checkpoint(hadoop, folder, manifest);
    }

    /**
     * Opens a checkpoint that was verified before: for the tasks of a job whose driver called {@link #open}. Only the manifest is verified.
     *
     * @throws IOException as {@link #open} does
     */
    public static Checkpoint openVerified(Configuration hadoop, Path folder) throws IOException {
        return new Checkpoint(hadoop, folder, readManifest(hadoop, folder));
    }

    /**
     * Opens the newest checkpoint that verifies: of the folders in {@code parent} whose names end in a number ({@code round-00000012}), the
     * one with the highest number; never by time. Folders without the marker are unfinished and passed over in silence.
     *
     * @param onRefused is told of each finished checkpoint that does not verify: its folder's name and why
     * @return empty if there is none that verifies, or {@code parent} does not exist
     * @throws IOException if a folder cannot be read for another reason than that its content is damaged or unknown
     */
    public static Optional<Checkpoint> newest(Configuration hadoop, Path parent, Consumer<String> onRefused)
            throws IOException {
        for (Path folder : newestFirst(hadoop, parent)) {
            try {
                return Optional.of(open(hadoop, folder));
            } catch (CheckpointCorruptException | CheckpointFormatException refused) {
                onRefused.accept("checkpoint " + folder.getName() + " is refused: " + refused.getMessage());
            }
        }
        return Optional.empty();
    }

    /** All finished checkpoints in a folder, highest number first, verified or not. */
    public static List<Path> newestFirst(Configuration hadoop, Path parent) throws IOException {
        FileSystem fileSystem = CheckpointFiles.fileSystem(hadoop, parent);
        List<Path> finished = new ArrayList<>();
        if (!fileSystem.exists(parent)) {
            return finished;
        }
        for (FileStatus status : fileSystem.listStatus(parent)) {
            boolean numbered = status.isDirectory()
                    && NUMBERED.matcher(status.getPath().getName()).matches();
            if (numbered && fileSystem.exists(new Path(status.getPath(), CheckpointFiles.MARKER))) {
                finished.add(status.getPath());
            }
        }
        finished.sort(Comparator.comparingLong(Checkpoint::number)
                .thenComparing(Path::getName)
                .reversed());
        return finished;
    }

    public Path folder() {
        return folder;
    }

    /** The shape of the model in it. */
    public DecoderConfig model() {
        return model;
    }

    /** What was given to {@link CheckpointWriter#commit}. */
    public JsonNode payload() {
        return manifest.payload();
    }

    /** All files that the manifest lists. */
    public Collection<FileRecord> files() {
        return manifest.files().values();
    }

    /** The type of the parameters' numbers. */
    public DType parameterType() {
        return parameters.dtype();
    }

    /** Reads parts of the flat parameter space; close it. */
    public ParameterReader parameters() {
        return parameters.reader();
    }

    /**
     * Fills a buffer with parameters; for many reads, {@link #parameters} keeps the files open.
     *
     * @throws IndexOutOfBoundsException if the flat space has fewer elements from there
     * @see ParameterReader#read
     */
    public void readParameters(long fromElement, ByteBuffer target) throws IOException {
        try (ParameterReader reader = parameters()) {
            reader.read(fromElement, target);
        }
    }

    /**
     * Opens one of the files that the manifest lists.
     *
     * @throws FileNotFoundException if the manifest does not list it
     */
    public InputStream open(String file) throws IOException {
        return CheckpointFiles.fileSystem(hadoop, folder).open(path(file));
    }

    /**
     * Opens one of the files that the manifest lists as safetensors: optimizer state, for example.
     *
     * @throws FileNotFoundException if the manifest does not list it
     */
    public SafetensorsReader openSafetensors(String file) throws IOException {
        return SafetensorsReader.open(hadoop, path(file));
    }

    private Path path(String file) throws FileNotFoundException {
        if (!manifest.files().containsKey(file)) {
            throw new FileNotFoundException("the checkpoint " + folder + " has no file " + file + "; it has: "
                    + String.join(", ", manifest.files().keySet()));
        }
        return new Path(folder, file);
    }

    private static long number(Path folder) {
        Matcher matcher = NUMBERED.matcher(folder.getName());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    private static Manifest readManifest(Configuration hadoop, Path folder) throws IOException {
        FileSystem fileSystem = CheckpointFiles.fileSystem(hadoop, folder);
        if (!fileSystem.exists(new Path(folder, CheckpointFiles.MARKER))) {
            throw new IOException(folder + " holds no finished checkpoint: it has no " + CheckpointFiles.MARKER);
        }
        String marker = new String(read(hadoop, folder, CheckpointFiles.MARKER), StandardCharsets.ISO_8859_1);
        byte[] bytes = read(hadoop, folder, CheckpointFiles.MANIFEST);
        Path path = new Path(folder, CheckpointFiles.MANIFEST);
        String found = CheckpointFiles.sha256(bytes);
        if (!marker.equals(CheckpointFiles.marker(found))) {
            throw new CheckpointCorruptException(
                    path + " or " + CheckpointFiles.MARKER + " beside it is damaged: the SHA-256 of "
                            + CheckpointFiles.MANIFEST + " is " + found + ", and " + CheckpointFiles.MARKER + " says '"
                            + marker.strip() + "'");
        }
        return Manifest.parse(bytes, path);
    }

    private static void verify(Configuration hadoop, Path folder, FileRecord file) throws IOException {
        FileSystem fileSystem = CheckpointFiles.fileSystem(hadoop, folder);
        Path path = new Path(folder, file.name());
        try {
            long length = fileSystem.getFileStatus(path).getLen();
            if (length != file.length()) {
                throw new CheckpointCorruptException(
                        path + " is damaged: it has " + length + " bytes, expected " + file.length());
            }
            try (InputStream stream = fileSystem.open(path, CheckpointFiles.BUFFER_BYTES)) {
                String found = CheckpointFiles.sha256(stream);
                if (!found.equals(file.sha256())) {
                    throw new CheckpointCorruptException(
                            path + " is damaged: its SHA-256 is " + found + ", expected " + file.sha256());
                }
            }
        } catch (FileNotFoundException missing) {
            throw new CheckpointCorruptException(path + " is missing; the manifest lists it", missing);
        } catch (ChecksumException damaged) {
            throw new CheckpointCorruptException(
                    path + " is damaged: its file system's own checksums do not match; expected SHA-256 "
                            + file.sha256(),
                    damaged);
        }
    }

    private static byte[] read(Configuration hadoop, Path folder, String name) throws IOException {
        Path path = new Path(folder, name);
        try (InputStream stream = CheckpointFiles.fileSystem(hadoop, folder).open(path)) {
            return stream.readAllBytes();
        } catch (FileNotFoundException missing) {
            throw new CheckpointCorruptException(path + " is missing", missing);
        } catch (ChecksumException damaged) {
            throw new CheckpointCorruptException(
                    path + " is damaged: its file system's own checksums do not match", damaged);
        }
    }
}

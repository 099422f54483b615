package org.sluice.model.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The names that every checkpoint has, and how its files are reached and hashed. */
public final class CheckpointFiles {
    static final String MANIFEST = "manifest.json";
    static final String MARKER = "_COMPLETE";
    public static final String CONFIG = "config.json";

    /** What {@link CheckpointWriter#commit} writes itself. */
    static final Set<String> OWN = Set.of(MANIFEST, MARKER, CONFIG);

    static final int BUFFER_BYTES = 1 << 20;

    private CheckpointFiles() {}

    /**
     * The file system of a folder, without Hadoop's own checksums on local disks: the manifest's SHA-256 does their work, and its message
     * names file and hashes where Hadoop's would not.
     */
    public static FileSystem fileSystem(Configuration hadoop, Path folder) throws IOException {
        FileSystem fileSystem = folder.getFileSystem(hadoop);
        return fileSystem instanceof ChecksumFileSystem checksummed ? checksummed.getRawFileSystem() : fileSystem;
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java runtime has SHA-256, but this one does not", impossible);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(newSha256().digest(bytes));
    }

    /** What the marker of a checkpoint holds. */
    static String marker(String manifestSha256) {
        return manifestSha256 + "\n";
    }

    /** Reads a stream to its end and returns its hash. */
    static String sha256(InputStream stream) throws IOException {
        MessageDigest digest = newSha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
            digest.update(buffer, 0, read);
        }
        return hex(digest);
    }
}

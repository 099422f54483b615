package org.sluice.model.checkpoint;

import java.io.Serializable;

/**
 * One file of a checkpoint as it was written.
 *
 * @param name relative to the checkpoint's folder, with {@code /} between folders: {@code model.safetensors}
 * @param length in bytes
 * @param sha256 of the whole file, in lower-case hexadecimal digits
 */
public record FileRecord(String name, long length, String sha256) implements Serializable {

    /**
     * Checks that the name stays inside the folder.
     *
     * @throws IllegalArgumentException if it does not, or if another component is malformed
     */
    public FileRecord {
        requireInsideFolder(name);
        if (length < 0) {
            throw new IllegalArgumentException("the length of " + name + " cannot be " + length);
        }
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "the SHA-256 of " + name + " must be 64 lower-case hexadecimal digits, not '" + sha256 + "'");
        }
    }

    static void requireInsideFolder(String name) {
        boolean inside = !name.isEmpty() && !name.contains("\\") && !name.contains(":");
        for (String part : name.split("/", -1)) {
            inside &= !part.isEmpty() && !part.startsWith(".");
        }
        if (!inside) {
            throw new IllegalArgumentException(
                    "'" + name + "' cannot name a file of a checkpoint: it must be a relative path whose"
                            + " parts are not empty and do not begin with '.'");
        }
    }
}

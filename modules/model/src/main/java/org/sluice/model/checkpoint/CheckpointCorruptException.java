package org.sluice.model.checkpoint;

import java.io.IOException;

/** A checkpoint's files are not what was written: a byte differs, or something is missing or cut short. */
public final class CheckpointCorruptException extends IOException {
    private static final long serialVersionUID = 1L;

    public CheckpointCorruptException(String message) {
        super(message);
    }

    public CheckpointCorruptException(String message, Throwable cause) {
        super(message, cause);
    }
}

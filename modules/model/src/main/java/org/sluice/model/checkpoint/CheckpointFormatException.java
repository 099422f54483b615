package org.sluice.model.checkpoint;

import java.io.IOException;

/** A file is whole but is not what this version of Sluice reads: another format or version, or settings that it does not know. */
public final class CheckpointFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public CheckpointFormatException(String message) {
        super(message);
    }

    public CheckpointFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}

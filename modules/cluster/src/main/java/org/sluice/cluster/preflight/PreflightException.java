package org.sluice.cluster.preflight;

import java.util.List;

/** The cluster is not ready for a training. The message has a line for each thing that is to be mended first. */
public final class PreflightException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PreflightException(List<String> failures) {
        super("the cluster is not ready for this training; nothing was computed. To be mended first:\n  "
                + String.join("\n  ", failures));
    }
}

package org.sluice.cluster.preflight;

import java.util.List;
import java.util.stream.Collectors;

/** The cluster is not ready for a training. The message has a line for each thing that is to be mended first. */
public final class PreflightException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Of a large cluster that lacks something everywhere; the log has all. */
    private static final int SHOWN = 20;

    PreflightException(List<String> failures) {
        super("the cluster is not ready for this training; nothing was computed. To be mended first:\n  "
                + failures.stream().limit(SHOWN).collect(Collectors.joining("\n  "))
                + (failures.size() <= SHOWN
                        ? ""
                        : "\n  and " + (failures.size() - SHOWN) + " more, which the log has"));
    }
}

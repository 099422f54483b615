package org.sluice.backend.nd4j;

import java.util.Optional;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's native library: whether it loads on this machine, and what it is. */
public final class Nd4jLibrary {
    private Nd4jLibrary() {}

    /** Why ND4J cannot run on this machine, in words for its user; empty if it can. Loads it at the first call. */
    public static Optional<String> unavailable() {
        try {
            Nd4j.getBackend();
            return Optional.empty();
        } catch (LinkageError | RuntimeException problem) {
            Throwable cause = problem;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return Optional.of("ND4J's native library cannot be loaded on " + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch") + " (" + cause
                    + "). It must be on the class path as org.nd4j:nd4j-native with the classifier of this platform, and the"
                    + " temporary folder " + System.getProperty("java.io.tmpdir")
                    + " or -Dorg.bytedeco.javacpp.cachedir=FOLDER must be writable and allow executable files");
        }
    }

    /** The library's version and backend, for reports. */
    public static String description() {
        String version = Nd4j.class.getPackage().getImplementationVersion();
        return "ND4J " + (version == null ? "" : version + " ")
                + Nd4j.getBackend().getClass().getSimpleName();
    }
}

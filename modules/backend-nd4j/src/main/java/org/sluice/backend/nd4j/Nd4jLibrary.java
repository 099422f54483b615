package org.sluice.backend.nd4j;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;
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

    /** The version that Sluice was built with. A jar that holds all of Sluice has one manifest, which cannot say it. */
    public static String version() {
        return properties("versions.properties").getProperty("nd4j");
    }

    /** ND4J and the version that is on the class path, which on a cluster's host may be another than Sluice's. Loads no native code. */
    public static String onClassPath() {
        return "ND4J "
                + properties("/META-INF/maven/org.nd4j/nd4j-api/pom.properties").getProperty("version", version());
    }

    /** None where the file is not there. */
    private static Properties properties(String file) {
        Properties properties = new Properties();
        try (InputStream stream = Nd4jLibrary.class.getResourceAsStream(file)) {
            if (stream != null) {
                properties.load(stream);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(file + " cannot be read from the class path", failure);
        }
        return properties;
    }

    /** The library's version and backend, for reports. */
    public static String description() {
        return "ND4J " + version() + " " + Nd4j.getBackend().getClass().getSimpleName();
    }
}

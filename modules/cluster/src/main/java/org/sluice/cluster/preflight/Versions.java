package org.sluice.cluster.preflight;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.spark.package$;
import org.sluice.tensor.BackendProvider;
import org.sluice.tensor.Backends;

/**
 * The versions that a process runs.
 *
 * @param java as the JVM tells it: {@code 17.0.9+9}
 * @param javaFeature its first number
 * @param libraries the library of each backend that has one, with its version, by the backend's name
 */
public record Versions(String sluice, String spark, String java, int javaFeature, Map<String, String> libraries)
        implements Serializable {

    /** Those of this process. Loads no native library. */
    static Versions ofThisProcess() {
        Map<String, String> libraries = new TreeMap<>();
        for (BackendProvider provider : Backends.providers()) {
            provider.library().ifPresent(library -> libraries.put(provider.name(), library));
        }
        return new Versions(
                sluiceVersion(),
                package$.MODULE$.SPARK_VERSION(),
                Runtime.version().toString(),
                Runtime.version().feature(),
                libraries);
    }

    /** The version of Sluice that is running. */
    public static String sluiceVersion() {
        Properties versions = new Properties();
        try (InputStream stream = Versions.class.getResourceAsStream("versions.properties")) {
            versions.load(stream);
        } catch (IOException failure) {
            throw new UncheckedIOException("versions.properties cannot be read from the class path", failure);
        }
        return versions.getProperty("sluice");
    }
}

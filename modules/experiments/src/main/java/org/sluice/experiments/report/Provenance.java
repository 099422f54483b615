package org.sluice.experiments.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.sluice.cluster.preflight.Versions;

/**
 * Where results come from: all that one needs to get them again.
 *
 * @param jobFile the job file as it was, with what the command line set; may be empty
 * @param command the command line; may be empty
 * @param seeds every seed by what it is for
 * @param sluice version
 * @param spark version
 * @param nd4j version
 * @param java version and vendor of the Java virtual machine
 * @param operatingSystem of the driver
 * @param master the Spark master
 * @param trainingPrecision what the matrix products of training were computed with
 * @param backends the backends that evaluated the models, in words
 * @param hostCores the cores of the driver's machine
 * @param dataset the folder of the dataset
 * @param datasetHash the hash of its manifest
 * @param finished when the report was made, ISO 8601 in UTC
 */
public record Provenance(
        String jobFile,
        String command,
        Map<String, Long> seeds,
        String sluice,
        String spark,
        String nd4j,
        String java,
        String operatingSystem,
        String master,
        String trainingPrecision,
        List<String> backends,
        int hostCores,
        String dataset,
        String datasetHash,
        String finished) {

    public Provenance {
        seeds = new TreeMap<>(seeds);
        backends = List.copyOf(backends);
    }

    /** The version of Sluice that is running. */
    public static String sluiceVersion() {
        return Versions.sluiceVersion();
    }

    /** The version of ND4J that Sluice was built with. */
    public static String nd4jVersion() {
        try (InputStream resource = Provenance.class.getResourceAsStream("versions.properties")) {
            Properties versions = new Properties();
            versions.load(resource);
            return versions.getProperty("nd4j");
        } catch (IOException e) {
            throw new UncheckedIOException("the resource versions.properties of Sluice cannot be read", e);
        }
    }

    /** The Java virtual machine that is running. */
    public static String javaVersion() {
        return System.getProperty("java.version") + " (" + System.getProperty("java.vm.vendor") + ")";
    }

    /** The operating system underneath. */
    public static String operatingSystemVersion() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }
}

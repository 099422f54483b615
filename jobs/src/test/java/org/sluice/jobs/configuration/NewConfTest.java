package org.sluice.jobs.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Tuple2;

/** Configurations with secrets, as the script makes them. */
class NewConfTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"local", "standalone", "yarn", "kubernetes"})
    void onlyTheOwnerCanReadWhatItMakes(String kind) throws Exception {
        Path made = ClusterConfiguration.make(kind, folder.resolve("conf"), "driver.example.org");
        assertThat(made.resolve("log4j2.properties")).isRegularFile();
        assertThat(made.resolve("metrics.properties")).isRegularFile();
        assertThat(made.resolve("gpu-resources")).isExecutable();
        try (Stream<Path> files = Files.walk(made)) {
            assertThat(files).allSatisfy(file -> {
                assertThat(Files.isSymbolicLink(file)).as(file.toString()).isFalse();
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .endsWith("------");
            });
        }
    }

    @Test
    void aStandaloneClusterHasASecretAndAKeyOfItsOwn() throws Exception {
        SparkConf one = settings("one", "10.1.2.3", "worker.example.org");
        SparkConf other = settings("other", "10.1.2.3");
        assertThat(one.get("spark.authenticate.secret"))
                .matches("[0-9a-f]{64}")
                .isNotEqualTo(other.get("spark.authenticate.secret"));
        String password = one.get("spark.ssl.keyStorePassword");
        assertThat(password).isNotEqualTo(other.get("spark.ssl.keyStorePassword"));
        KeyStore store = KeyStore.getInstance(one.get("spark.ssl.keyStoreType"));
        try (InputStream file = Files.newInputStream(Path.of(one.get("spark.ssl.keyStore")))) {
            store.load(file, password.toCharArray());
        }
        X509Certificate certificate = (X509Certificate) store.getCertificate("sluice");
        assertThat(certificate.getSubjectAlternativeNames().stream().map(name -> (String) name.get(1)))
                .containsExactlyInAnyOrder("10.1.2.3", "worker.example.org");
        assertThat(store.getKey("sluice", password.toCharArray())).isNotNull();
    }

    private SparkConf settings(String name, String... hosts) throws IOException, InterruptedException {
        return ClusterConfiguration.settings(ClusterConfiguration.make("standalone", folder.resolve(name), hosts));
    }

    @Test
    void whatIsWrongIsSaidAndLeavesNothing() throws Exception {
        assertThat(ClusterConfiguration.newConf(2, "mesos", folder.resolve("a").toString()))
                .contains("there is no kind 'mesos'; it is one of local, standalone, yarn, kubernetes");
        assertThat(ClusterConfiguration.newConf(2, "yarn", folder.resolve("a").toString(), "a b"))
                .contains("'a b' is not the name or the address of a host");
        assertThat(ClusterConfiguration.newConf(2, "yarn", folder.resolve("a").toString(), "-bad..:"))
                .contains("keytool could not make a key for: -bad..:");
        assertThat(folder).isEmptyDirectory();
        assertThat(ClusterConfiguration.newConf(2, "local", folder.toString()))
                .contains(folder + " is there already, and nothing in it is overwritten");
    }

    @Test
    void noSecretIsInTheProject() throws IOException {
        for (String kind : List.of("local", "standalone", "yarn", "kubernetes")) {
            for (Tuple2<String, String> setting : ClusterConfiguration.settings(ClusterConfiguration.ALL.resolve(kind))
                    .getAll()) {
                if (setting._1().matches(".*([Pp]assword|\\.secret)")) {
                    assertThat(setting._2()).as(setting._1()).startsWith("${env:");
                }
            }
        }
        try (Stream<Path> files = Files.walk(ClusterConfiguration.ALL)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.matches(".*\\.(p12|jks|pem|key)"));
        }
    }
}

package org.sluice.jobs.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.internal.config.ConfigEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.cluster.RecommendedSettings;
import scala.Tuple2;

/** The settings of {@code cluster-conf} are ones that Spark knows, with values that it takes: what it does not know it passes over in silence. */
class SparkDefaultsTest {
    /** Where Spark registers its settings, when these are first looked at. */
    private static final List<String> REGISTERS = List.of(
            "org.apache.spark.internal.config.package$",
            "org.apache.spark.internal.config.Deploy$",
            "org.apache.spark.internal.config.Network$",
            "org.apache.spark.internal.config.UI$",
            "org.apache.spark.internal.config.Worker$",
            "org.apache.spark.deploy.k8s.Config$",
            "org.apache.spark.deploy.yarn.config.package$");

    /** What Spark reads without registering it. */
    private static final String UNREGISTERED =
            "spark\\.(executor\\.defaultJavaOptions|ssl\\.(ui\\.)?(enabled|protocol|keyStore|keyStoreType|keyStorePassword)"
                    + "|network\\.crypto\\.(cipher|authEngineVersion)"
                    + "|kubernetes\\.(driver|executor)\\.(secrets|secretKeyRef)\\..+)";

    @BeforeAll
    static void register() throws ClassNotFoundException {
        for (String register : REGISTERS) {
            Class.forName(register);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "standalone", "yarn", "kubernetes"})
    void everySettingIsOneOfSparks(String kind) throws Exception {
        SparkConf conf = ClusterConfiguration.settings(ClusterConfiguration.ALL.resolve(kind));
        assertThat(conf.getAll()).isNotEmpty();
        for (Tuple2<String, String> setting : conf.getAll()) {
            String key = setting._1();
            if (!key.matches(UNREGISTERED)) {
                ConfigEntry<?> entry = ConfigEntry.findEntry(key);
                assertThat(entry).as(key).isNotNull();
                assertThat((Object) conf.get(entry)).as(key).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "standalone", "yarn", "kubernetes"})
    void whatSluiceSetsForExecutorsIsKept(String kind) throws Exception {
        SparkConf conf = ClusterConfiguration.settings(ClusterConfiguration.ALL.resolve(kind));
        String options = "spark.executor.defaultJavaOptions";
        assertThat(conf.get(options).split(" "))
                .contains(RecommendedSettings.all().get(options).split(" "));
        assertThat(conf.get("spark.executor.extraJavaOptions"))
                .contains("-Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"standalone", "yarn", "kubernetes"})
    void clustersAreSecured(String kind) throws Exception {
        SparkConf conf = ClusterConfiguration.settings(ClusterConfiguration.ALL.resolve(kind));
        for (String key : List.of(
                "spark.authenticate",
                "spark.network.crypto.enabled",
                "spark.io.encryption.enabled",
                "spark.acls.enable")) {
            assertThat(conf.get(key)).as(key).isEqualTo("true");
        }
        assertThat(conf.get("spark.network.crypto.saslFallback")).isEqualTo("false");
        assertThat(conf.get("spark.network.crypto.cipher")).isEqualTo("AES/GCM/NoPadding");
        assertThat(conf.getOption("spark.ssl.enabled").isDefined()
                        || conf.getOption("spark.ssl.ui.enabled").isDefined())
                .isTrue();
    }
}

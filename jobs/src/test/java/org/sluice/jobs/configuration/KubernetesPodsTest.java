package org.sluice.jobs.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.k8s.KubernetesConf;
import org.apache.spark.deploy.k8s.SparkPod;
import org.apache.spark.deploy.k8s.submit.JavaMainAppResource;
import org.apache.spark.deploy.k8s.submit.KubernetesDriverBuilder;
import org.apache.spark.internal.config.package$;
import org.apache.spark.resource.ResourceProfile$;
import org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** The pods that Spark's own submission code makes of {@code cluster-conf/kubernetes}, up to where it would send them to a cluster. */
class KubernetesPodsTest {
    private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1 << 20);

    /** Reads templates; no cluster is at its address. */
    private static final KubernetesClient CLIENT = new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder().withMasterUrl("https://127.0.0.1:1").build())
            .build();

    @TempDir
    Path folder;

    private SparkConf conf;

    @BeforeEach
    void read() throws Exception {
        conf = ClusterConfiguration.settings(ClusterConfiguration.make("kubernetes", folder.resolve("conf"), "driver"))
                .setMaster("k8s://https://127.0.0.1:1")
                .setAppName("sluice quickstart")
                .set("spark.submit.deployMode", "cluster");
    }

    @AfterAll
    static void close() {
        CLIENT.close();
    }

    @Test
    void theDriversPodRunsTheJobWithItsSecretsAndRights() {
        SparkPod made = new KubernetesDriverBuilder()
                .buildFromFeatures(
                        KubernetesConf.createDriverConf(
                                conf,
                                "spark-1",
                                JavaMainAppResource.of("local:///opt/sluice/sluice.jar"),
                                "org.sluice.jobs.Sluice",
                                new String[] {"run", "/opt/sluice/jobs/quickstart.yaml"},
                                Option.empty()),
                        CLIENT)
                .pod();
        PodSpec pod = made.pod().getSpec();
        Container container = made.container();
        assertThat(pod.getServiceAccountName()).isEqualTo("sluice-driver");
        assertThat(pod.getRestartPolicy()).isEqualTo("Never");
        assertThat(container.getImage()).isEqualTo("sluice:0.1.0");
        assertThat(container.getArgs()).startsWith("driver").endsWith("run", "/opt/sluice/jobs/quickstart.yaml");
        requireRestricted(pod, container);
        requireMemory(container, 3 * 1024 + 2 * 1024);
        assertThat(mounts(container)).contains("/etc/sluice/authentication", "/etc/sluice/pages");
        assertThat(container.getEnv())
                .filteredOn(variable -> variable.getName().equals("SLUICE_KEYSTORE_PASSWORD"))
                .singleElement()
                .satisfies(variable -> assertThat(
                                variable.getValueFrom().getSecretKeyRef().getName())
                        .isEqualTo("sluice-pages"));
    }

    @Test
    void anExecutorsPodHasRoomForTensorsAndNoSecretInPlainSight() throws IOException {
        conf.set("spark.app.id", "spark-1").set("spark.driver.host", "driver").set("spark.driver.port", "7078");
        // The driver, which makes the pod, has its secret mounted.
        Path secret = Files.writeString(folder.resolve("secret"), "of the driver");
        conf.set("spark.authenticate.secret.driver.file", secret.toString());
        SparkPod made = new KubernetesExecutorBuilder()
                .buildFromFeatures(
                        KubernetesConf.createExecutorConf(conf, "1", "spark-1", Option.empty(), 0),
                        new SecurityManager(conf, Option.empty(), package$.MODULE$.AUTH_SECRET_FILE_DRIVER()),
                        CLIENT,
                        ResourceProfile$.MODULE$.getOrCreateDefaultProfile(conf))
                .pod();
        PodSpec pod = made.pod().getSpec();
        Container container = made.container();
        requireRestricted(pod, container);
        requireMemory(container, 2 * 1024 + 3 * 1024);
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getAffinity().getPodAntiAffinity().getPreferredDuringSchedulingIgnoredDuringExecution())
                .hasSize(1);
        assertThat(mounts(container))
                .contains("/etc/sluice/authentication", "/var/spark")
                .doesNotContain("/etc/sluice/pages");
        assertThat(container.getEnv())
                .extracting(EnvVar::getName)
                .as("the secret is mounted, not written into the pod")
                .doesNotContain(SecurityManager.ENV_AUTH_SECRET());
        assertThat(container.getEnv())
                .filteredOn(variable -> variable.getName().equals("SPARK_LOCAL_DIRS"))
                .extracting(EnvVar::getValue)
                .containsExactly("/var/spark");
        assertThat(container.getEnv())
                .filteredOn(variable -> variable.getName().startsWith("SPARK_JAVA_OPT_"))
                .extracting(EnvVar::getValue)
                .contains("-XX:+ErrorFileToStdout", "-XX:+ExitOnOutOfMemoryError");
    }

    /** What the namespace's policy of restricted pods asks for. */
    private static void requireRestricted(PodSpec pod, Container container) {
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    }

    private static void requireMemory(Container container, int mebibytes) {
        Quantity limit = container.getResources().getLimits().get("memory");
        assertThat(limit).isEqualTo(container.getResources().getRequests().get("memory"));
        assertThat(limit.getNumericalAmount()).isEqualByComparingTo(MEBIBYTE.multiply(BigDecimal.valueOf(mebibytes)));
    }

    private static List<String> mounts(Container container) {
        return container.getVolumeMounts().stream()
                .map(VolumeMount::getMountPath)
                .toList();
    }
}

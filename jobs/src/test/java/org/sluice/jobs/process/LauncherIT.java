package org.sluice.jobs.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.Host;

/** What the launcher gives to spark-submit, here a script that prints it. */
class LauncherIT {
    @TempDir
    Path folder;

    @BeforeEach
    void makeSpark() throws IOException {
        Path submit = Files.createDirectories(folder.resolve("spark/bin")).resolve("spark-submit");
        Files.writeString(submit, """
                #!/bin/sh
                printf '<%s>\\n' "conf dir $SPARK_CONF_DIR" "$@"
                """);
        Files.setPosixFilePermissions(submit, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(Files.createDirectory(folder.resolve("conf")).resolve("spark-defaults.conf"), """
                # spark.driver.memory 9g
                spark.driver.memory           5g
                spark.driver.extraJavaOptions -Dmine=1
                """);
    }

    private String submit(int exit, String memory, String... arguments) throws IOException, InterruptedException {
        Map<String, String> environment =
                Map.of("SPARK_HOME", folder.resolve("spark").toString(), "SLUICE_DRIVER_MEMORY", memory);
        try (WatchedProcess process = SluiceProcess.start(Host.LOCAL, folder, environment, arguments)) {
            return process.exit(exit);
        }
    }

    @Test
    void takesTheDriversMemoryAndOptionsFromTheConfigurationsFolder() throws Exception {
        String given = submit(0, "", "run", "job.yaml", "--conf-dir", "conf", "--master=spark://host:7077");
        assertThat(given)
                .contains("<conf dir " + folder.toRealPath().resolve("conf") + ">")
                .contains("<--driver-memory>\n<5g>")
                .containsPattern("<-Dorg.bytedeco.javacpp.maxbytes=[1-9][0-9]+ .*log4j2-start.properties -Dmine=1>")
                .contains("<--master>\n<spark://host:7077>")
                .endsWith("<run>\n<job.yaml>");
    }

    @Test
    void whatIsNearerToTheCommandCountsBefore() throws Exception {
        assertThat(submit(0, "", "run", "job.yaml")).contains("<--driver-memory>\n<3g>");
        Files.writeString(folder.resolve("more.conf"), "spark.driver.memory=6g\n");
        assertThat(submit(0, "", "run", "--conf-dir", "conf", "--properties-file", "more.conf"))
                .contains("<--driver-memory>\n<6g>")
                .doesNotContain("-Dmine");
        assertThat(submit(
                        0,
                        "",
                        "run",
                        "--conf-dir=conf",
                        "--properties-file=more.conf",
                        "--load-spark-defaults",
                        "--conf",
                        "spark.driver.memory=7g"))
                .contains("<--driver-memory>\n<7g>")
                .contains(" -Dmine=1>");
        assertThat(submit(0, "8g", "run", "--conf", "spark.driver.memory=7g")).contains("<--driver-memory>\n<8g>");
    }

    @Test
    void aDriverElsewhereGetsNothingThatIsOnlyHere() throws Exception {
        assertThat(submit(
                        0,
                        "",
                        "run",
                        "job.yaml",
                        "--master",
                        "yarn",
                        "--deploy-mode",
                        "cluster",
                        "--files",
                        "job.yaml"))
                .contains("<-Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0>")
                .contains("<--files>\n<job.yaml>")
                .contains("/target/sluice.jar>");
        assertThat(submit(0, "", "run", "--master", "k8s://https://host:6443", "--deploy-mode", "cluster"))
                .contains("<local:///opt/sluice/sluice.jar>")
                .doesNotContain("/target/sluice.jar>");
    }

    @Test
    void whatIsMissingIsSaid() throws Exception {
        assertThat(submit(2, "", "run", "job.yaml", "--conf-dir", "config"))
                .contains("--conf-dir is config, but there is no spark-defaults.conf in it");
        assertThat(submit(2, "", "run", "job.yaml", "--properties-file", "none.conf"))
                .contains("--properties-file is none.conf, but there is no such file");
        assertThat(submit(2, "", "run", "job.yaml", "--conf", "spark.driver.memory=lots"))
                .contains("(SLUICE_DRIVER_MEMORY, or spark.driver.memory) is 'lots'");
        assertThat(submit(2, "", "run", "--deploy-mode")).contains("--deploy-mode needs a value");
    }
}

package org.sluice.jobs.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The GPU discovery script on hosts that are folders, with an nvidia-smi that is a script or none; Spark reads what it prints. */
class GpuResourcesTest {
    @TempDir
    Path host;

    @BeforeEach
    void makeHost() throws IOException {
        for (String folder : List.of("bin", "proc", "dev")) {
            Files.createDirectory(host.resolve(folder));
        }
        // All that the script needs beside the shell.
        for (String command : List.of("bash", "env", "sed", "sort")) {
            Files.createSymbolicLink(host.resolve("bin").resolve(command), find(command));
        }
    }

    private static Path find(String command) {
        return List.of("/usr/bin", "/bin").stream()
                .map(folder -> Path.of(folder, command))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void asksNvidiaSmi() throws Exception {
        nvidiaSmi("printf '0\\n1\\n10\\n'");
        device("nvidia7");
        assertThat(addresses()).containsExactly("0", "1", "10");
    }

    @Test
    void readsTheDriversFoldersWithoutNvidiaSmi() throws Exception {
        gpu("0000:3b:00.0", 10);
        gpu("0000:af:00.0", 2);
        device("nvidia7");
        assertThat(addresses()).containsExactly("2", "10");
    }

    @Test
    void readsThemWhereNvidiaSmiFails() throws Exception {
        nvidiaSmi("echo 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver'; exit 9");
        gpu("0000:3b:00.0", 3);
        assertThat(addresses()).containsExactly("3");
    }

    @Test
    void countsDevicesWhereTheFoldersAreHidden() throws Exception {
        for (String device : List.of("nvidia10", "nvidia2", "nvidiactl", "nvidia-uvm", "nvidia-modeset", "null")) {
            device(device);
        }
        assertThat(addresses()).containsExactly("2", "10");
    }

    @Test
    void findsNoneOnAHostWithout() throws Exception {
        device("null");
        assertThat(addresses()).isEmpty();
        nvidiaSmi("exit 0");
        assertThat(addresses()).isEmpty();
    }

    private void nvidiaSmi(String script) throws IOException {
        Path file = host.resolve("bin/nvidia-smi");
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void gpu(String bus, int minor) throws IOException {
        Path folder =
                Files.createDirectories(host.resolve("proc/driver/nvidia/gpus").resolve(bus));
        Files.writeString(folder.resolve("information"), """
                Model: \t\t NVIDIA H200
                Bus Location: \t %s
                Device Minor: \t %d
                """.formatted(bus, minor));
    }

    private void device(String name) throws IOException {
        Files.createFile(host.resolve("dev").resolve(name));
    }

    private List<String> addresses() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                ClusterConfiguration.ALL.resolve("gpu-resources").toString());
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH", host.resolve("bin").toString(),
                        "SLUICE_PROC", host.resolve("proc").toString(),
                        "SLUICE_DEV", host.resolve("dev").toString()));
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        ResourceInformation gpus = ResourceInformation.parseJson(output);
        assertThat(gpus.name()).isEqualTo("gpu");
        return List.of(gpus.addresses());
    }
}

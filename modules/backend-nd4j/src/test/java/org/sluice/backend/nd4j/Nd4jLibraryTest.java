package org.sluice.backend.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.sluice.tensor.BackendProvider;
import org.sluice.tensor.Backends;

class Nd4jLibraryTest {

    /** Prints what each provider says of this machine. */
    public static final class Probe {
        private Probe() {}

        public static void main(String[] arguments) {
            for (BackendProvider provider : Backends.providers()) {
                System.out.println(
                        provider.name() + ": " + provider.unavailable().orElse("available"));
            }
        }
    }

    @Test
    void theLibraryLoadsHere() {
        assertThat(Nd4jLibrary.unavailable()).isEmpty();
        assertThat(Nd4jLibrary.description()).matches("ND4J [0-9].* CpuBackend");
    }

    @Test
    void everyProviderKnowsTheVersionOnTheClassPath() {
        assertThat(Nd4jLibrary.onClassPath()).isEqualTo("ND4J " + Nd4jLibrary.version());
        assertThat(Backends.providers())
                .allSatisfy(provider -> assertThat(provider.library()).hasValue(Nd4jLibrary.onClassPath()));
    }

    @Test
    void withoutItsNativePartEveryProviderSaysWhatIsMissing() throws IOException, InterruptedException {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !new File(entry).getName().matches("nd4j-native-.*-(linux|macosx|windows)-.*\\.jar"))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx256m",
                        "--add-modules=jdk.incubator.vector",
                        "-cp",
                        classPath,
                        Probe.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output.lines())
                .as(output)
                .anySatisfy(line -> assertThat(line)
                        .contains("reference: ", "cannot be loaded", "org.nd4j:nd4j-native", "javacpp.cachedir"))
                .anySatisfy(line -> assertThat(line).contains("cpu: ", "nd4j-native"))
                .noneSatisfy(line -> assertThat(line).endsWith("available"));
    }
}

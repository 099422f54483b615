package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;

/** What must hold for all kernels beside their values: the same on any number of cores, and nothing left on the heap. */
final class CpuKernelsTest {
    /**
     * Operations with matrix products: these are split by cores, and a product of few rows is computed in another order than one of
     * many.
     */
    private static final Set<String> SPLIT_BY_CORES = Set.of("products", "loss");

    @Test
    void sameBitsOnAnyNumberOfCores() {
        Map<String, byte[]> expected = afterAStep(1);
        for (int cores : new int[] {2, 3, 7}) {
            Map<String, byte[]> found = afterAStep(cores);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            found.forEach((name, bytes) -> {
                if (SPLIT_BY_CORES.contains(
                        name.substring(0, name.indexOf('.') + 1).replace(".", ""))) {
                    assertThat(relativeDifference(bytes, expected.get(name)))
                            .as("'%s' on %d cores", name, cores)
                            .isLessThan(1e-5);
                } else {
                    assertThat(bytes).as("'%s' on %d cores", name, cores).isEqualTo(expected.get(name));
                }
            });
        }
    }

    private static Map<String, byte[]> afterAStep(int cores) {
        try (Backend backend = new CpuBackendProvider().open(cores);
                Arena arena = backend.newArena("step")) {
            StepOperations step = new StepOperations(backend, arena);
            step.operations().values().forEach(Runnable::run);
            return step.contents();
        }
    }

    private static double relativeDifference(byte[] found, byte[] expected) {
        FloatBuffer left = ByteBuffer.wrap(found).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        FloatBuffer right =
                ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < left.limit(); i++) {
            difference += Math.pow(left.get(i) - right.get(i), 2);
            norm += Math.pow(right.get(i), 2);
        }
        return Math.sqrt(difference / norm);
    }

    /**
     * The guard of the kernels' speed. What the compiler makes of them depends on what it knew and had compiled before; with these flags it
     * knows little, and vectors went to the heap in them before {@link KernelCompilation}.
     */
    @ParameterizedTest
    @ValueSource(strings = {"-XX:-TieredCompilation", "-XX:CICompilerCount=2 -XX:Tier3LoadFeedback=0"})
    void noOperationLeavesVectorsOnTheHeap(String flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(flags.split(" ")));
        command.addAll(List.of(
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                HeapVectors.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("attention forward", "adamW").doesNotContain(HeapVectors.TOO_MANY);
    }
}

package org.sluice.jobs.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import picocli.CommandLine;

class BenchCommandTest {
    private static final String[] KEYS = {
        "tokensPerSecond", "stepMillis", "backend", "precision", "gflops", "cores", "parameters", "gate"
    };

    @Test
    void withoutOptionsItPrintsOneLineOfJson() throws IOException {
        List<String> lines = bench("--backend", "cpu");

        assertThat(lines).hasSize(1);
        JsonNode json = new ObjectMapper().readTree(lines.get(0));
        assertThat(json.fieldNames()).toIterable().startsWith(KEYS).endsWith("peakGflops", "shareOfPeak");
        assertThat(json.size()).isEqualTo(KEYS.length + 2);
        assertThat(json.path("peakGflops").asDouble()).isPositive();
        assertThat(json.path("shareOfPeak").asDouble())
                .isCloseTo(
                        json.path("gflops").asDouble() / json.path("peakGflops").asDouble(), within(1e-12));
    }

    @Test
    void theTableOfOperationsComesBeforeTheJson() throws IOException {
        List<String> lines = bench("--backend", "cpu", "--operations", "--gate", "elementwise");

        assertThat(lines.get(0)).startsWith("operations of a step ").endsWith("of the floor");
        assertThat(lines.stream().filter(line -> line.startsWith("{"))).containsExactly(lines.get(lines.size() - 1));
        assertThat(lines).anySatisfy(line -> assertThat(line).startsWith("gates.gate "));
        assertThat(lines.get(lines.size() - 3)).startsWith("between operations ");
        assertThat(lines.get(lines.size() - 2)).startsWith("whole step ").contains("100.0 %");
    }

    @Test
    void equalParametersNarrowAGatedModel() throws IOException {
        long plain = parameters();
        long gated = parameters("--gate", "elementwise");
        long narrowed = parameters("--gate", "elementwise", "--equal-parameters");

        assertThat(gated).isGreaterThan(plain);
        assertThat(narrowed).isLessThan(gated).isCloseTo(plain, withinPercentage(1.0));
    }

    @Test
    void expertsAreAsWideAsTheLayerTogether() throws IOException {
        long dense = parameters();
        long experts = parameters("--experts", "4", "--experts-per-token", "4");

        assertThat(experts - dense).as("the routers' weights alone").isEqualTo(4 * 128 * 4);
    }

    private static long parameters(String... options) throws IOException {
        return new ObjectMapper()
                .readTree(bench(options).get(0))
                .path("parameters")
                .asLong();
    }

    @Test
    void aBackendThatCannotMeasureTheMachineHasNoFloors() throws IOException {
        List<String> lines = bench("--backend", "reference", "--operations");

        assertThat(lines.get(0)).startsWith("operations of a step ").endsWith("share");
        assertThat(new ObjectMapper().readTree(lines.get(lines.size() - 1)).fieldNames())
                .toIterable()
                .containsExactly(KEYS);
    }

    @ParameterizedTest
    @CsvSource({
        "--batch, 0, --batch is 0; it must be at least 1",
        "--length, -3, --length is -3; it must be at least 1",
        "--steps, 0, --steps is 0; it must be at least 1",
        "--warmup, -1, --warmup is -1; it must be at least 0",
        "--cores, 0, --cores is 0; it must be at least 1",
        "--precision, fp64, there is no precision 'fp64'",
        "--preset, bnech, there is no model preset 'bnech'",
        "--backend, abacus, there is no backend 'abacus'",
        "--gate, elementwize, expected none",
        "--experts, 8, --experts and --experts-per-token belong together"
    })
    void whatCannotBeMeasuredIsRefused(String option, String value, String message) {
        assertThatThrownBy(() -> run(option, value, "--operations"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    /** The lines that a small model's few steps print. */
    private static List<String> bench(String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "--preset", "tiny", "--batch", "2", "--length", "16", "--cores", "2", "--warmup", "1", "--steps", "3"));
        arguments.addAll(List.of(options));
        return run(arguments.toArray(String[]::new)).lines().toList();
    }

    private static String run(String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
        BenchCommand command = new BenchCommand(new Console(stream, stream, false));
        new CommandLine(command).parseArgs(arguments);
        assertThat(command.call()).isZero();
        return output.toString(StandardCharsets.UTF_8);
    }
}

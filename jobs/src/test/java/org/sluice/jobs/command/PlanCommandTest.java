package org.sluice.jobs.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import picocli.CommandLine;

class PlanCommandTest {
    private static final Path JOBS = Path.of("").toAbsolutePath();
    private static final Path PAGE = Path.of("..", "docs", "planning.md");

    private static String plan(String job, String... options) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
        PlanCommand command = new PlanCommand(
                new Console(stream, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false));
        List<String> arguments = Stream.concat(Stream.of(JOBS.resolve(job).toString()), Stream.of(options))
                .toList();
        new CommandLine(command).parseArgs(arguments.toArray(String[]::new));
        assertThat(command.call()).isZero();
        return output.toString(StandardCharsets.UTF_8);
    }

    private static JsonNode json(String job, String... options) throws IOException {
        return new ObjectMapper()
                .readTree(plan(
                        job,
                        Stream.concat(Stream.of("--json"), Stream.of(options)).toArray(String[]::new)));
    }

    @Test
    void theGuidesSettingsOfAnExecutorAreWhatThePlannerSays() throws IOException {
        String guide = Files.readString(PAGE.resolveSibling("clusters.md"));
        String settings = guide.substring(guide.indexOf("settings of an executor, for 1 worker"))
                .split("```", 2)[0];
        String[] options = {"--kind", "cpu", "--cores", "64", "--memory", "512"};
        assertThat(guide).contains("jobs/sluice plan jobs/dense-1.7b-28l.yaml " + String.join(" ", options));
        assertThat(plan("dense-1.7b-28l.yaml", options)).contains(settings.strip());
        JsonNode executor = json("dense-1.7b-28l.yaml", options).path("executor");
        assertThat(executor.size()).isEqualTo(4);
        executor.properties().forEach(setting -> assertThat(settings)
                .containsPattern(setting.getKey().replace(".", "\\.") + " +"
                        + setting.getValue().asText()));
    }

    @ParameterizedTest
    @CsvSource({
        "dense-1.7b-28l.yaml, true, 417233, 8388608",
        "dense-1.7b-48l.yaml, true, 59605, 16777216",
        "moe-15a2b.yaml, false, 100000, 4194304"
    })
    void theJobFilesOfThePaperOpenWithWhatThePlannerSays(String job, boolean fits, long steps, long tokens)
            throws IOException {
        JsonNode plan = json(job, "--kind", "h200");
        assertThat(plan.path("fits").asBoolean()).isEqualTo(fits);
        assertThat(plan.path("tokens").asLong()).isEqualTo(steps * tokens);
        String opening =
                Files.readString(JOBS.resolve(job)).split("\nname:", 2)[0].replaceAll("\n# *", " ");
        assertThat(opening)
                .contains(String.format(
                        Locale.ROOT, "%.1f days", plan.path("days").asDouble()))
                .contains(gib(plan.path("memoryBytesPerWorker")))
                .contains(String.format(
                        Locale.ROOT,
                        "%.2f GFLOP",
                        plan.path("step").path("flopsPerToken").asLong() * 1e-9))
                .contains(String.format(
                        Locale.ROOT, "%.2f TB", plan.path("checkpointBytes").asLong() * 1e-12))
                .contains(String.format(
                        Locale.ROOT,
                        "%.1f GB",
                        plan.path("exchange").path("receivedBytesPerWorker").asLong() * 1e-9));
    }

    @Test
    void theMixtureFitsOnTheProcessorsThatItsJobFileNames() throws IOException {
        JsonNode plan = json("moe-15a2b.yaml", "--kind", "cpu", "--cores", "64", "--memory", "512");
        assertThat(plan.path("fits").asBoolean()).isTrue();
        assertThat(Files.readString(JOBS.resolve("moe-15a2b.yaml")))
                .contains(gib(plan.path("memoryBytesPerWorker")) + " of 512.0 GiB")
                .contains(String.format(
                        Locale.ROOT, "%.1f days", plan.path("days").asDouble()));
    }

    private static String gib(JsonNode bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes.asLong() / (double) (1L << 30));
    }

    @Test
    void theJsonHasTheNumbersOfThePlanAtItsTop() throws IOException {
        JsonNode plan = json("quickstart.yaml", "--memory", "8", "--cores", "1", "--variant", "sdpa-elementwise");
        for (String key : List.of("memoryBytesPerWorker", "stepSeconds", "exchangeSeconds", "tokensPerDay", "days")) {
            assertThat(plan.path(key).asDouble()).as(key).isPositive();
        }
        assertThat(plan.path("fits").asBoolean()).isTrue();
        assertThat(plan.path("usefulShare").asDouble()).isBetween(0.9, 1.0);
        assertThat(plan.path("variant").asText()).isEqualTo("sdpa-elementwise");
        long parts = 0;
        for (JsonNode part : plan.path("memoryBytesByPart")) {
            parts += part.asLong();
        }
        assertThat(plan.path("memoryBytesPerWorker").asLong()).isEqualTo(parts);
    }

    @Test
    void aMixtureThatDoesNotFitIsToldWithTheReasonAndWhatToChange() throws IOException {
        String text = plan("moe-15a2b.yaml", "--kind", "h200");
        assertThat(text)
                .contains("It does NOT fit:")
                .contains("131.3 GiB")
                .contains("a worker of Sluice holds a whole replica")
                .contains("--kind cpu --memory")
                .contains("with training.microBatch: 1")
                .contains("Sluice has no backend for GPUs yet");
    }

    @Test
    void aLargerMicroBatchThanFitsIsToldWithTheOneThatDoes() throws IOException {
        JsonNode plan = json("dense-1.7b-28l.yaml", "--kind", "h200", "--set", "training.microBatch=32");
        assertThat(plan.path("fits").asBoolean()).isFalse();
        assertThat(plan.path("changes").get(0).asText()).startsWith("training.microBatch: ");
    }

    @ParameterizedTest
    @CsvSource({
        "--kind=h20, did you mean 'h200'",
        "--network=0, --network is 0.0; it must be above 0",
        "--memory=-1, --memory is -1.0; it must be above 0",
        "--host-memory=5, --host-memory is for GPUs",
        "--variant=other, the job has no variant 'other'"
    })
    void whatIsWrongIsSaid(String option, String message) {
        assertThatThrownBy(() -> plan("dense-1.7b-28l.yaml", option))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    /** The page is made anew with {@code jobs/sluice plan JOB.yaml --kind h200 --scale docs}. */
    @ParameterizedTest
    @CsvSource({"dense-1.7b-28l", "moe-15a2b"})
    void theTablesOfScaleInTheDocumentationAreThePlanners(String name, @TempDir Path folder) throws IOException {
        String table = plan(name + ".yaml", "--kind", "h200", "--scale", folder.toString());
        assertThat(Files.readString(PAGE)).contains(table.strip());
        assertThat(folder.resolve("scale-" + name + ".svg")).content().contains("<svg", "H = 500, 100 Gb/s");
    }
}

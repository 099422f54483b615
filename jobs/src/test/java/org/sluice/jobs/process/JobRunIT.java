package org.sluice.jobs.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.ResourceLockTarget;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.RunLease;
import org.sluice.jobs.InputException;
import org.sluice.jobs.command.Generated;
import org.sluice.jobs.command.InspectCommand;
import org.sluice.jobs.console.Console;
import picocli.CommandLine;

/**
 * A whole run by the launcher; and the same run disturbed in every way that must not change its result. Tests go side by side, as each has
 * processes and folders of its own; those that take the undisturbed run for themselves are alone with it.
 */
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = JobRunIT.RUN, mode = ResourceAccessMode.READ, target = ResourceLockTarget.CHILDREN)
class JobRunIT {
    static final String RUN = "the undisturbed run";

    @TempDir
    static Path folder;

    private static Path run;
    private static String output;

    @BeforeAll
    static void runUndisturbed() throws IOException, InterruptedException {
        Path job = TinyJob.write(folder);
        output = SluiceProcess.run(0, folder, "run", job.toString(), "--master", "local[2]");
        run = folder.resolve("runs/tiny");
    }

    @Test
    void endsWithTheTableAndTheReport() throws IOException {
        assertThat(output).containsPattern("variant +loss +perplexity").contains("report: " + run + "/report.html");
        assertThat(output).doesNotContain("Exception").doesNotContain(" WARN ");
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("<svg")
                .contains("sdpa-elementwise");
        JsonNode report = TinyJob.report(run);
        assertThat(report.at("/provenance/jobFile").asText()).contains("corpus/metal");
        for (String variant : new String[] {"baseline", "sdpa-elementwise"}) {
            JsonNode figures = variant(report, variant);
            assertThat(figures.path("trainTokens").asLong()).isEqualTo(120 * 8 * 32);
            assertThat(figures.path("heldOutPerplexity").asDouble()).isBetween(1.0, 30.0);
            assertThat(figures.path("meanGateScore").isNumber()).isEqualTo(variant.equals("sdpa-elementwise"));
        }
        assertThat(TinyJob.losses(run, "baseline")).hasSize(120);
    }

    @Test
    void anExportedModelComesBackWithTheSamePerplexity() throws IOException, InterruptedException {
        Path exported = folder.resolve("exported");
        Path imported = folder.resolve("imported");
        assertThat(SluiceProcess.run(
                        0,
                        folder,
                        "export",
                        run.toString(),
                        "--variant",
                        "sdpa-elementwise",
                        "--layout",
                        "per-head",
                        "--to",
                        exported.toString()))
                .contains("in the format of Hugging Face's Qwen3-Next");
        assertThat(Files.readString(exported.resolve("README.md")))
                .contains("| perplexity |", "library_name: transformers");
        SluiceProcess.run(0, folder, "import", exported.toString(), "--to", imported.toString());
        String evaluation = SluiceProcess.run(0, folder, "evaluate", imported.toString(), "--blocks", "16");
        double perplexity = variant(TinyJob.report(run), "sdpa-elementwise")
                .path("heldOutPerplexity")
                .asDouble();
        assertThat(evaluation).contains("\"heldOutPerplexity\":" + perplexity);
        assertThat(SluiceProcess.run(2, folder, "export", imported.toString(), "--to", exported.toString()))
                .contains("is there already, and nothing in it is overwritten");
    }

    @Test
    @ResourceLock(RUN)
    void doesNothingTwice() throws IOException, InterruptedException {
        byte[] before = TinyJob.parameters(run, "baseline");
        String again = SluiceProcess.run(0, folder, "run", "tiny.yaml");
        assertThat(again).contains("baseline was trained and evaluated before").doesNotContain("training baseline");
        assertThat(TinyJob.parameters(run, "baseline")).isEqualTo(before);
        String other = SluiceProcess.run(2, folder, "run", "tiny.yaml", "--set", "training.seed=5");
        assertThat(other)
                .contains("was begun with other settings: training.seed (1 there, 5 here)")
                .contains("--fresh");
    }

    @Test
    @ResourceLock(RUN)
    void aRunInUseIsLeftAlone() throws IOException, InterruptedException {
        try (RunLease held = new RunFolder(new Configuration(), run.toString()).take(Assertions::fail)) {
            assertThat(SluiceProcess.run(2, folder, "run", "tiny.yaml", "--fresh"))
                    .contains("is in use by process " + ProcessHandle.current().pid() + " on ");
            assertThat(run.resolve(RunLease.FILE)).exists();
        }
        assertThat(inspect(run.toString())).contains("baseline: 120 steps");
    }

    @Test
    void saysWhatIsThere() throws IOException, InterruptedException {
        assertThat(inspect(run.toString()))
                .contains("baseline: 120 steps, 30,720 tokens, loss ")
                .contains("report " + run + "/report.html");
        assertThat(inspect(run.toString(), "--variant", "sdpa-elementwise"))
                .contains("120 steps")
                .contains("gate sdpa_output elementwise");
        assertThat(inspect(run.resolve("dataset").toString()))
                .containsPattern("fruit +60 ")
                .contains("every shard is whole");
        String checkpoint = TinyJob.newestCheckpoint(run, "baseline").toString();
        String evaluation = SluiceProcess.run(0, folder, "evaluate", checkpoint, "--blocks", "16");
        double loss =
                variant(TinyJob.report(run), "baseline").path("heldOutLoss").asDouble();
        assertThat(evaluation).contains("\"heldOutLoss\":" + loss);
    }

    @Test
    void continuesPromptsByTheTrainedModel() throws IOException, InterruptedException {
        String prompt = "the fruit b weighs";
        String[] greedy = {
            run.toString(),
            "--variant",
            "baseline",
            "--temperature",
            "0",
            "--max-tokens",
            "24",
            "--backend",
            "reference"
        };
        String text = Generated.by(arguments(greedy, "--prompt", prompt)).text();
        assertThat(text).as("learnt from the corpus").contains(" grams.\nthe ");
        assertThat(SluiceProcess.run(
                        0, folder, arguments(new String[] {"generate"}, arguments(greedy, "--prompt", prompt))))
                .as("the launcher prints the same, and the speed")
                .contains(text.strip())
                .containsPattern("prompt tokens in .* tokens/s")
                .doesNotContain(" WARN ");
        assertThat(Generated.by(arguments(greedy, "--prompt", prompt, "--stop", " grams"))
                        .text())
                .isEqualTo(text.substring(0, text.indexOf(" grams")) + System.lineSeparator());
        String[] sampled = {run.toString(), "--variant", "sdpa-elementwise", "--max-tokens", "24", "--json"};
        List<String> together = Generated.by(
                        arguments(sampled, "--prompt", prompt, "--prompt", "the metal", "--samples", "2"))
                .lines();
        assertThat(Generated.by(arguments(sampled, "--prompt", prompt, "--samples", "2"))
                        .lines())
                .isEqualTo(together.subList(0, 2));
        assertThat(Generated.by(arguments(sampled, "--prompt", "the metal")).lines())
                .isEqualTo(together.subList(2, 3));
        assertThatThrownBy(() -> Generated.by(run.toString(), "--prompt", "x"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("has several variants; say which with --variant: baseline, sdpa-elementwise");
    }

    private static String[] arguments(String[] first, String... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void stoppedByCtrlCAndResumedGivesTheSameBits() throws IOException, InterruptedException {
        Path stopped = folder.resolve("runs/stopped");
        try (WatchedProcess process = start("stopped", "[baseline, sdpa-elementwise]", "local[2]")) {
            process.await("^training baseline: \\d+/120 steps");
            process.interrupt();
            String said = process.exit(130);
            assertThat(said)
                    .contains("stopping: this round will be finished")
                    .contains("jobs/sluice resume " + stopped);
        }
        assertThat(TinyJob.losses(stopped, "sdpa-elementwise")).hasSizeLessThan(120);
        SluiceProcess.run(0, folder, "resume", "runs/stopped", "--master", "local[2]");
        assertSame(stopped, "baseline", "sdpa-elementwise");
    }

    @Test
    void aStageStartsFromTheWeightsOfTheOneBefore() throws IOException, InterruptedException {
        String said = stage("stage", "training.steps=10");
        assertThat(said).contains("baseline starts from " + "file:" + TinyJob.newestCheckpoint(run, "baseline"));
        Path stage = folder.resolve("runs/stage");
        JsonNode before = variant(TinyJob.report(run), "baseline");
        JsonNode after = variant(TinyJob.report(stage), "baseline");
        assertThat(after.path("untrainedLoss").asDouble())
                .isEqualTo(before.path("heldOutLoss").asDouble());
        assertThat(TinyJob.parameters(stage, "baseline")).isNotEqualTo(TinyJob.parameters(run, "baseline"));
        assertThat(stage("stage", "training.steps=10")).contains("baseline was trained and evaluated before");
        assertThat(SluiceProcess.run(2, folder, stageArguments("wider", "model.ffn=40")))
                .contains("'baseline' cannot start there: startFrom: the weights of ")
                .contains("model.layers.0.mlp.gate_proj.weight is [32, 32] in the checkpoint, [40, 32] here")
                .doesNotContain("\tat ");
    }

    private static String stage(String name, String setting) throws IOException, InterruptedException {
        return SluiceProcess.run(0, folder, stageArguments(name, setting));
    }

    private static String[] stageArguments(String name, String setting) {
        return new String[] {
            "run",
            "tiny.yaml",
            "--master",
            "local[2]",
            "--set",
            "name=" + name,
            "--set",
            "variants=[baseline]",
            "--set",
            "data.output=" + run.resolve("dataset"),
            "--set",
            "startFrom=" + run,
            "--set",
            setting
        };
    }

    @Test
    void aDamagedCheckpointIsRefusedAndTheOneBeforeItTaken() throws IOException, InterruptedException {
        Path damaged = folder.resolve("runs/damaged");
        TinyJob.copy(run, damaged);
        Path newest = TinyJob.newestCheckpoint(damaged, "baseline");
        TinyJob.flipByte(newest.resolve("model.safetensors"));
        String said =
                SluiceProcess.run(0, folder, "resume", "runs/damaged", "--variant", "baseline", "--master", "local[2]");
        assertThat(said)
                .contains("checkpoint " + newest.getFileName() + " is refused")
                .contains("going on after step 1");
        assertThat(TinyJob.parameters(damaged, "baseline")).isEqualTo(TinyJob.parameters(run, "baseline"));
    }

    @Test
    void aDamagedShardIsRefused() throws IOException, InterruptedException {
        Path damaged = folder.resolve("damaged-dataset");
        TinyJob.copy(run.resolve("dataset"), damaged);
        Path shard;
        try (Stream<Path> shards = Files.list(damaged.resolve("train"))) {
            shard = shards.filter(file -> file.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
        }
        TinyJob.flipByte(shard);
        String said = SluiceProcess.run(
                2,
                folder,
                "train",
                "tiny.yaml",
                "--set",
                "name=shard",
                "--set",
                "data.output=" + damaged,
                "--master",
                "local[2]");
        assertThat(said).contains(shard.getFileName().toString()).contains("damaged");
    }

    @Test
    void aStandaloneClusterGivesTheSameLosses() throws IOException, InterruptedException {
        try (WatchedProcess master = SluiceProcess.start(
                folder,
                "spark-class",
                "org.apache.spark.deploy.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--webui-port",
                "0")) {
            String url = master.await("Starting Spark master at (spark://\\S+)").group(1);
            try (WatchedProcess first = worker(url, "one");
                    WatchedProcess second = worker(url, "two")) {
                first.await("Successfully registered with master");
                second.await("Successfully registered with master");
                try (WatchedProcess process = start("standalone", "[baseline]", url)) {
                    process.exit(0);
                }
            }
        }
        assertSame(folder.resolve("runs/standalone"), "baseline");
    }

    @Test
    void whatIsWrongIsSaidWithoutAStackTrace() throws IOException, InterruptedException {
        assertThat(SluiceProcess.run(2, folder, "run", "tiny.yaml", "--set", "training.stepz=3"))
                .contains("training.stepz: unknown key; did you mean 'steps'?")
                .doesNotContain("\tat ");
        assertThat(SluiceProcess.run(2, folder, "inspect", "table1-05-sdpa-elementwis"))
                .contains("neither a folder nor the name of a model; did you mean 'table1-05-sdpa-elementwise'")
                .doesNotContain("\tat ");
        Path job = folder.resolve("missing.yaml");
        Files.writeString(job, Files.readString(folder.resolve("tiny.yaml")).replace("corpus/metal", "corpus/wood"));
        assertThat(SluiceProcess.run(2, folder, "run", "missing.yaml", "--set", "name=missing"))
                .contains("corpus/wood")
                .doesNotContain("\tat ");
    }

    private static String inspect(String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
        int exit = new CommandLine(new InspectCommand(new Console(stream, stream, false))).execute(arguments);
        String said = output.toString(StandardCharsets.UTF_8);
        assertThat(exit).describedAs(said).isZero();
        return said;
    }

    private static WatchedProcess worker(String master, String name) throws IOException {
        return SluiceProcess.start(
                folder,
                "spark-class",
                "org.apache.spark.deploy.worker.Worker",
                "--cores",
                "1",
                "--memory",
                "2g",
                "--host",
                "127.0.0.1",
                "--webui-port",
                "0",
                "--work-dir",
                folder.resolve("work-" + name).toString(),
                master);
    }

    private static WatchedProcess start(String name, String variants, String master) throws IOException {
        return SluiceProcess.start(
                folder,
                "run",
                "tiny.yaml",
                "--set",
                "name=" + name,
                "--set",
                "variants=" + variants,
                "--set",
                "data.output=" + run.resolve("dataset"),
                "--master",
                master,
                "--conf",
                "spark.executor.memory=1g",
                "--conf",
                "spark.ui.enabled=false");
    }

    private static void assertSame(Path other, String... variants) throws IOException {
        for (String variant : variants) {
            assertThat(TinyJob.losses(other, variant)).isEqualTo(TinyJob.losses(run, variant));
            assertThat(TinyJob.parameters(other, variant)).isEqualTo(TinyJob.parameters(run, variant));
            assertThat(variant(TinyJob.report(other), variant).path("heldOutLoss"))
                    .isEqualTo(variant(TinyJob.report(run), variant).path("heldOutLoss"));
        }
    }

    private static JsonNode variant(JsonNode report, String name) {
        return report.path("variants").path(name);
    }
}

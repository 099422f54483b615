package org.sluice.jobs.command;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.sluice.experiments.Variant;
import org.sluice.jobs.InputException;
import org.sluice.jobs.OptionValues;
import org.sluice.jobs.bench.BenchmarkResult;
import org.sluice.jobs.bench.OperationReport;
import org.sluice.jobs.bench.StepBenchmark;
import org.sluice.jobs.console.Console;
import org.sluice.model.DecoderConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.Nearest;
import org.sluice.model.Presets;
import org.sluice.tensor.Backend;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the speed of one replica in this process, without a cluster. */
@Command(name = "bench", description = "Measure how fast one replica trains on this machine; prints one line of JSON.")
public final class BenchCommand implements Callable<Integer> {
    private static final Map<String, String> VARIANTS = Map.of(
            "none", "baseline",
            "elementwise", "sdpa-elementwise",
            "headwise", "sdpa-headwise");

    @Option(names = "--preset", defaultValue = "bench", description = "The model (default: ${DEFAULT-VALUE}).")
    private String preset;

    @Option(
            names = "--gate",
            defaultValue = "none",
            description =
                    "The gate on the attention output: none, elementwise or headwise (default: ${DEFAULT-VALUE}).")
    private String gate;

    @Option(
            names = "--experts",
            description =
                    "Replace each feed-forward layer by a mixture of so many experts, each as wide as the layer divided"
                            + " by --experts-per-token, so that a token meets as many weights as before.")
    private Integer experts;

    @Option(names = "--experts-per-token", description = "How many experts a token is sent to.")
    private Integer expertsPerToken;

    @Option(
            names = "--equal-parameters",
            description = "Narrow the feed-forward layers, so that a gated model has as many parameters as one without"
                    + " gates.")
    private boolean equalParameters;

    @Option(
            names = "--precision",
            defaultValue = "auto",
            description = "What matrix products are computed with: fp32, bf16, or auto for the faster one here"
                    + " (default: ${DEFAULT-VALUE}).")
    private String precision;

    @Mixin
    private BackendOptions backend = new BackendOptions();

    @Option(names = "--batch", defaultValue = "8", description = "Sequences of a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--length",
            defaultValue = "256",
            description = "Positions of a sequence (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(
            names = "--warmup",
            defaultValue = "5",
            description = "Steps before the clock starts (default: ${DEFAULT-VALUE}).")
    private int warmup;

    @Option(names = "--steps", defaultValue = "20", description = "Steps that are timed (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--operations",
            description = "Also time each operation in the steps: prints a table before the line of JSON.")
    private boolean operations;

    private final Console console;

    public BenchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        OptionValues.requireAtLeast("--batch", batch, 1);
        OptionValues.requireAtLeast("--length", length, 1);
        OptionValues.requireAtLeast("--steps", steps, 1);
        OptionValues.requireAtLeast("--warmup", warmup, 0);
        if (!VARIANTS.containsKey(gate)) {
            throw new InputException("--gate is '" + gate + "'; expected none, elementwise or headwise"
                    + Nearest.suggestion(gate, VARIANTS.keySet()));
        }
        DecoderConfig model = model();
        try (Backend opened = backend.open(precision)) {
            StepBenchmark benchmark = new StepBenchmark(model, batch, length, warmup, steps);
            console.result(new JsonMapper().writeValueAsString(run(benchmark, opened)));
            return 0;
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DecoderConfig model() {
        try {
            return Variant.named(VARIANTS.get(gate)).of(base(), equalParameters);
        } catch (IllegalArgumentException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    private DecoderConfig base() {
        DecoderConfig dense = Presets.named(preset);
        if (experts == null && expertsPerToken == null) {
            return dense;
        }
        if (experts == null || expertsPerToken == null) {
            throw new InputException("--experts and --experts-per-token belong together; give both, or none");
        }
        MixtureConfig mixture = MixtureConfig.of(experts, expertsPerToken);
        if (dense.ffn() % expertsPerToken != 0) {
            throw new InputException("--experts-per-token is " + expertsPerToken
                    + ", which does not divide the width of " + preset + "'s feed-forward layers, " + dense.ffn());
        }
        return dense.change()
                .ffn(dense.ffn() / expertsPerToken)
                .mixture(mixture)
                .build();
    }

    private BenchmarkResult run(StepBenchmark benchmark, Backend opened) {
        if (!operations) {
            return benchmark.run(opened);
        }
        OperationReport report = benchmark.runOperations(opened);
        report.table().forEach(console::result);
        return report.result();
    }
}

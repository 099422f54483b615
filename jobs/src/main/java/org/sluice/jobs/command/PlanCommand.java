package org.sluice.jobs.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sluice.cluster.TrainingPlan;
import org.sluice.experiments.ComparisonPlan;
import org.sluice.experiments.planning.ClusterDescription;
import org.sluice.experiments.planning.Plan;
import org.sluice.experiments.planning.ScaleStudy;
import org.sluice.jobs.InputException;
import org.sluice.jobs.OptionValues;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.file.Job;
import org.sluice.jobs.file.JobFile;
import org.sluice.jobs.plan.ClusterOptions;
import org.sluice.jobs.plan.PlanJson;
import org.sluice.jobs.plan.PlanText;
import org.sluice.model.FlopsPerToken;
import org.sluice.tensor.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what a job will take on a cluster. It needs no corpus, no dataset, no Spark session and no cluster. */
@Command(
        name = "plan",
        description = {
            "Say what a job will take on a cluster, before anything is there: memory of a worker part by part, time of a step, a round and a"
                    + " checkpoint, days with faults, cost, whether it fits, and if not, what to change.",
            "docs/planning.md has every formula and where the rates come from."
        })
public final class PlanCommand implements Callable<Integer> {
    @Mixin
    private JobOptions options = new JobOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "Only this variant (default: the one that costs most).")
    private Optional<String> variant = Optional.empty();

    @Option(names = "--vocabulary", description = "Tokens of the tokenizer (default: data.tokenizer.vocabularySize).")
    private Optional<Integer> vocabulary = Optional.empty();

    @Option(names = "--json", description = "One line of JSON.")
    private boolean json;

    @Option(
            names = "--scale",
            paramLabel = "FOLDER",
            description =
                    "Instead of a plan: how the job gets on with 8 to 1,024 workers, at 10, 25 and 100 Gb/s, with 50 and 500 local"
                            + " steps. Prints a table in Markdown and writes FOLDER/scale-NAME.svg.")
    private Optional<Path> scale = Optional.empty();

    private final Console console;

    public PlanCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        vocabulary.ifPresent(given -> OptionValues.requireAtLeast("--vocabulary", given, 1));
        Job whole = options.load();
        Job job = variant.map(whole::withVariant).orElse(whole);
        JobFile file = job.file();
        ClusterDescription cluster =
                clusterOptions.cluster(file.cluster().workers(), file.cluster().coresPerWorker());
        TrainingPlan training = costliest(file);
        int blockLength = file.data().blockLength();
        try {
            if (scale.isPresent()) {
                writeScale(file.name(), ScaleStudy.of(training, blockLength, cluster), scale.get());
                return 0;
            }
            Plan plan = Plan.of(training, blockLength, cluster);
            int variants = file.variants().size();
            console.result(json ? PlanJson.of(file.name(), variants, plan) : PlanText.of(file.name(), variants, plan));
            return 0;
        } catch (IllegalArgumentException impossible) {
            throw new InputException(impossible.getMessage(), impossible);
        }
    }

    /** The variant of which a token costs most operations, and of these the largest. */
    private TrainingPlan costliest(JobFile file) {
        Precision fastest = clusterOptions.kind().gpu() ? Precision.BF16 : Precision.FP32;
        ComparisonPlan plan =
                file.planElsewhere(vocabulary.orElse(file.data().tokenizer().vocabularySize()), fastest);
        int blockLength = file.data().blockLength();
        return plan.variants().stream()
                .map(plan::trainingPlan)
                .max(Comparator.comparingLong((TrainingPlan each) ->
                                FlopsPerToken.of(each.model(), blockLength).total())
                        .thenComparingLong(each -> each.model().parameters()))
                .orElseThrow();
    }

    private void writeScale(String name, ScaleStudy study, Path folder) throws IOException {
        study.markdown().forEach(console::result);
        Files.createDirectories(folder);
        Path drawing = folder.resolve("scale-" + name + ".svg");
        Files.writeString(drawing, study.svg(name));
        console.message("wrote " + drawing);
    }
}

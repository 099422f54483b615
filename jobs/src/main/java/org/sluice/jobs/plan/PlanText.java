package org.sluice.jobs.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sluice.cluster.ClusterConfig;
import org.sluice.experiments.planning.CheckpointTime;
import org.sluice.experiments.planning.ClusterDescription;
import org.sluice.experiments.planning.Course;
import org.sluice.experiments.planning.ExchangeTime;
import org.sluice.experiments.planning.ExecutorSize;
import org.sluice.experiments.planning.MemoryPart;
import org.sluice.experiments.planning.Plan;
import org.sluice.experiments.planning.StepTime;
import org.sluice.experiments.report.TextTable;

/** A plan for a person to read: each number with what it is made of. */
public final class PlanText {
    private static final double GIBIBYTE = 1L << 30;

    private final Plan plan;
    private final ClusterDescription cluster;
    private final ClusterConfig settings;
    private final List<String> lines = new ArrayList<>();

    /** What is told, its value, and what the value is made of. */
    private record Row(String what, String value, String how) {}

    private PlanText(Plan plan) {
        this.plan = plan;
        this.cluster = plan.cluster();
        this.settings = plan.training().cluster();
    }

    /**
     * Many lines.
     *
     * @param job its name
     * @param variants how many the job has; the plan is of the one that costs most
     */
    public static String of(String job, int variants, Plan plan) {
        PlanText text = new PlanText(plan);
        text.head(job, variants);
        text.verdict();
        text.memory();
        text.executor();
        text.step();
        text.exchange();
        text.checkpoint();
        text.course(variants);
        text.sources();
        return String.join(System.lineSeparator(), text.lines);
    }

    private void head(String job, int variants) {
        lines.add(format(
                "%s, %s%s: %,d parameters, vocabulary %,d, blocks of %,d",
                job,
                plan.training().variant(),
                variants > 1 ? " (costs most of " + variants + " variants)" : "",
                plan.training().model().parameters(),
                plan.training().model().vocabulary(),
                plan.blockLength()));
        lines.add(format(
                "  on %,d workers: %,d hosts of %d %s, %s Gb/s and %s GB/s of storage a host, %d cores a worker",
                settings.workers(),
                cluster.hosts(),
                cluster.workersPerHost(),
                cluster.kind().gpu() ? cluster.kind().name() : "on processors",
                plain(cluster.network()),
                plain(cluster.storage()),
                cluster.cores()));
    }

    private void verdict() {
        lines.add("");
        if (plan.fits()) {
            lines.add("It fits.");
            return;
        }
        lines.add("It does NOT fit:");
        plan.problems().forEach(problem -> lines.add("  - " + problem));
        lines.add(plan.changes().size() > 1 ? "What to change, one of:" : "What to change:");
        plan.changes().forEach(change -> lines.add("  - " + change));
        lines.add("What follows is as if it did.");
    }

    private void memory() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("memory of a worker", "bytes", "GiB"));
        plan.memory().parts().forEach(part -> rows.add(memory(part.title(), part.bytes())));
        if (plan.memory().gpu()) {
            rows.add(memory(
                    "on the GPU, of " + gib(cluster.memoryBytes()),
                    plan.memory().ofWorker()));
            rows.add(memory(
                    "on the host, of " + gib(cluster.hostMemoryBytes()),
                    plan.memory().ofHost()));
        } else {
            rows.add(memory(
                    "in all, of " + gib(cluster.memoryBytes()), plan.memory().ofWorker()));
            rows.add(memory("  of that the Java heap", plan.memory().bytes(MemoryPart.Place.HEAP)));
        }
        lines.add("");
        lines.addAll(TextTable.lines(rows));
    }

    private void executor() {
        ExecutorSize executor = plan.executor();
        table(
                "settings of an executor, for "
                        + (executor.workers() == 1 ? "1 worker" : executor.workers() + " workers"),
                executor.settings().entrySet().stream()
                        .map(setting -> new Row(setting.getKey(), setting.getValue(), how(setting.getKey())))
                        .toList());
    }

    private String how(String setting) {
        return switch (setting) {
            case "spark.executor.cores" -> settings.streaming().overlap() ? "one for the exchange beside training" : "";
            case "spark.executor.memoryOverhead" -> "on YARN and Kubernetes; elsewhere that much beside the heap";
            case "spark.executor.extraJavaOptions" -> "beside those of cluster-conf";
            default -> "";
        };
    }

    private static List<String> memory(String what, long bytes) {
        return List.of(what, format("%,d", bytes), format("%,.2f", bytes / GIBIBYTE));
    }

    private void step() {
        StepTime step = plan.step();
        table(
                "one step",
                List.of(
                        new Row(
                                "operations of a token",
                                format("%.3f GFLOP", step.flopsPerToken() * 1e-9),
                                "forward and backward"),
                        new Row(
                                "tokens of the largest worker",
                                format("%,d", (long) step.passes() * step.microBatch() * plan.blockLength()),
                                format(
                                        "%d x a micro-batch of %d, for %d of %,d blocks",
                                        step.passes(), step.microBatch(), step.blocks(), settings.blocksPerStep())),
                        new Row(
                                "rate of a worker",
                                significant(step.rate()) + " TFLOP/s",
                                cluster.rate().isPresent() ? "given" : "assumed: see below"),
                        new Row(
                                "computing",
                                seconds(step.computeSeconds()),
                                "operations x tokens / rate"
                                        + (step.counted() ? ", and a third to count experts" : "")),
                        new Row(
                                "optimizer",
                                seconds(step.optimizerSeconds()),
                                "bytes that it moves / memory bandwidth"),
                        new Row("step", seconds(step.seconds()), "")));
    }

    private void exchange() {
        ExchangeTime exchange = plan.exchange();
        double train = plan.trainSeconds();
        table(
                format("one round of %,d local steps", settings.localSteps()),
                List.of(
                        new Row(
                                "training",
                                seconds(train),
                                format(
                                        "steps x step, and %.1f %% for the slowest worker",
                                        100 * (plan.course().slowest() - 1))),
                        new Row(
                                "a worker receives",
                                bytes(exchange.receivedBytes()),
                                settings.wireFormat() + ", all parameters, both ways"),
                        new Row("a host carries", bytes(exchange.hostBytes()), "each way, to and from other hosts"),
                        new Row("network", seconds(exchange.networkSeconds()), "of all parameters"),
                        new Row(
                                "processors",
                                seconds(exchange.processorSeconds()),
                                "of all parameters, at the measured rate"),
                        new Row(
                                "exchange",
                                seconds(exchange.secondsOfRound()),
                                exchange.fragments() > 1 ? "of one of " + exchange.fragments() + " fragments" : ""),
                        new Row(
                                "training waits",
                                seconds(exchange.waitedSeconds(train)),
                                exchange.overlapped() ? "what the next round does not hide" : ""),
                        new Row(
                                "efficiency of a round",
                                percent(plan.roundEfficiency()),
                                "training / (training + waiting)")));
    }

    private void checkpoint() {
        CheckpointTime checkpoint = plan.checkpoint();
        table(
                format("one checkpoint, every %,d rounds", settings.checkpointRounds()),
                List.of(
                        new Row(
                                "size",
                                bytes(checkpoint.bytes()),
                                format(
                                        "model %s, owners %s, each worker %s",
                                        bytes(checkpoint.modelBytes()),
                                        bytes(checkpoint.ownerBytes()),
                                        bytes(checkpoint.workerBytes()))),
                        new Row(
                                "on the disk at most",
                                bytes(checkpoint.keptBytes()),
                                format("%d kept, and one that is written", settings.keepCheckpoints())),
                        new Row(
                                "to write",
                                seconds(checkpoint.seconds()),
                                settings.asynchronousCheckpoints()
                                        ? "beside training"
                                        : "while training stands still, which the days below do not count"),
                        new Row("to go back to", seconds(checkpoint.loadSeconds()), "")));
    }

    private void course(int variants) {
        Course course = plan.course();
        List<Row> rows = new ArrayList<>(List.of(
                new Row(
                        "tokens",
                        format("%.4g", (double) plan.tokens()),
                        format(
                                "%,d steps of %,d tokens",
                                plan.training().training().steps(),
                                (long) settings.blocksPerStep() * plan.blockLength())),
                new Row("operations", format("%.3g FLOP", plan.flops()), "tokens x operations of a token"),
                new Row(
                        "without faults",
                        format("%,.2f days", course.undisturbedSeconds() / 86_400),
                        format("%,d rounds", course.rounds())),
                new Row(
                        "a fault every",
                        Double.isInfinite(course.secondsBetweenFaults())
                                ? "never"
                                : format("%,.1f hours", course.secondsBetweenFaults() / 3600),
                        "of all workers and spares"),
                new Row(
                        "useful share",
                        course.ends() ? percent(course.usefulShare()) : "none",
                        format("by simulation of %,d rounds", course.playedRounds()))));
        if (course.ends()) {
            rows.add(new Row("days", format("%,.2f", plan.days()), "without faults / useful share"));
            rows.add(new Row("tokens a day", format("%.4g", plan.tokensPerDay()), ""));
            rows.add(new Row("hours of workers", format("%,.0f", plan.workerHours()), "spares included"));
            if (cluster.price() > 0) {
                rows.add(new Row("cost", format("%,.0f", plan.cost()), "at " + plain(cluster.price()) + " an hour"));
            }
            if (variants > 1) {
                rows.add(new Row(
                        "days of all variants",
                        format("at most %,.2f", variants * plan.days()),
                        "one after the other, none longer than this one"));
            }
        }
        table("the whole training", rows);
    }

    private void sources() {
        lines.add("");
        if (cluster.kind().gpu()) {
            lines.add(
                    "Sluice has no backend for GPUs yet. Memory is what a worker's tensors take on a processor, in fp32, and the rate"
                            + (cluster.rate().isPresent() ? " is the given one" : " an assumption")
                            + ".");
        }
        if (cluster.rate().isEmpty()) {
            lines.add("Rate: " + cluster.kind().shareSource() + ". Peak: "
                    + cluster.kind().peakSource() + ".");
        }
        lines.add("docs/planning.md has the formulas, what was measured, and what was not.");
    }

    private void table(String title, List<Row> rows) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of(title, ""));
        rows.forEach(row -> cells.add(List.of(row.what(), row.value())));
        List<String> table = TextTable.lines(cells);
        lines.add("");
        lines.add(table.get(0));
        lines.add(table.get(1));
        for (int at = 0; at < rows.size(); at++) {
            lines.add((table.get(at + 2) + "  " + rows.get(at).how()).stripTrailing());
        }
    }

    private static String seconds(double seconds) {
        if (Double.isInfinite(seconds)) {
            return "never";
        }
        return seconds < 600
                ? significant(seconds) + " s"
                : format(
                        "%,d min", Duration.ofMillis(Math.round(seconds * 1000)).toMinutes());
    }

    private static String bytes(long bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB", "PB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return significant(value) + " " + units[unit];
    }

    private static String gib(long bytes) {
        return format("%,.1f GiB", bytes / GIBIBYTE);
    }

    private static String percent(double share) {
        return format("%.2f %%", 100 * share);
    }

    /** Three digits or more. */
    private static String significant(double value) {
        return value >= 100 ? format("%,.0f", value) : value >= 10 ? format("%.1f", value) : format("%.3g", value);
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? format("%,.0f", value) : Double.toString(value);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}

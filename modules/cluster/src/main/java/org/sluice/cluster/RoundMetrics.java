package org.sluice.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.sluice.model.RouterSums;
import org.sluice.training.ExpertLoad;
import org.sluice.training.StepResult;

/** What the workers' reports of one round come to, for listeners and for {@code metrics.jsonl}. */
final class RoundMetrics {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TrainingPlan plan;
    private final Progress before;
    private final Progress after;
    private final List<WorkerReport> reports;
    private final double seconds;
    private final long receivedBytes;

    /**
     * @param reports in the order of the workers
     * @param seconds the time of the whole round
     * @param receivedBytes what workers and owners received in it
     */
    RoundMetrics(TrainingPlan plan, Progress before, List<WorkerReport> reports, double seconds, long receivedBytes) {
        this.plan = plan;
        this.before = before;
        this.reports = reports;
        this.seconds = seconds;
        this.receivedBytes = receivedBytes;
        int localSteps = reports.get(0).steps().size();
        long tokens = IntStream.range(0, localSteps).mapToLong(this::tokens).sum();
        this.after = before.after(localSteps, tokens, seconds);
    }

    Progress after() {
        return after;
    }

    List<TrainingListener.Step> steps() {
        List<TrainingListener.Step> steps = new ArrayList<>();
        long tokens = before.tokens();
        for (int local = 0; local < reports.get(0).steps().size(); local++) {
            tokens += tokens(local);
            steps.add(step(local, tokens));
        }
        return steps;
    }

    private long tokens(int local) {
        return reports.stream()
                .mapToLong(report -> report.steps().get(local).tokens())
                .sum();
    }

    private TrainingListener.Step step(int local, long tokens) {
        double lossSum = 0;
        long targets = 0;
        double weightedNorm = 0;
        double slowest = 0;
        for (WorkerReport report : reports) {
            StepResult result = report.steps().get(local).result();
            lossSum += result.lossSum();
            targets += result.targets();
            weightedNorm += result.gradientNorm() * result.targets();
            slowest = Math.max(slowest, report.steps().get(local).seconds());
        }
        return new TrainingListener.Step(
                plan.variant(),
                before.step() + local + 1,
                plan.training().steps(),
                lossSum / Math.max(1, targets),
                reports.get(0).steps().get(local).result().learningRate(),
                weightedNorm / Math.max(1, targets),
                tokens,
                tokens(local) / slowest);
    }

    TrainingListener.Round round() {
        double compute =
                reports.stream().mapToDouble(WorkerReport::trainSeconds).max().orElseThrow();
        return new TrainingListener.Round(
                plan.variant(), after.round(), after.step(), compute, Math.max(0, seconds - compute), receivedBytes);
    }

    /** The lines of the file: one for each step, and one for the round. */
    List<ObjectNode> lines() {
        List<ObjectNode> lines = new ArrayList<>();
        List<TrainingListener.Step> steps = steps();
        for (int local = 0; local < steps.size(); local++) {
            lines.add(stepLine(steps.get(local), local));
        }
        TrainingListener.Round round = round();
        lines.add(line("round", round.variant(), round.step())
                .put("round", round.round())
                .put("computeSeconds", round.computeSeconds())
                .put("exchangeSeconds", round.exchangeSeconds())
                .put("bytes", round.bytes()));
        return lines;
    }

    private ObjectNode stepLine(TrainingListener.Step step, int local) {
        ObjectNode line = line("step", step.variant(), step.step())
                .put("round", after.round())
                .put("loss", step.loss())
                .put("learningRate", step.learningRate())
                .put("gradientNorm", step.gradientNorm());
        if (plan.model().mixture().isPresent()) {
            ExpertLoad load = expertLoad(local);
            line.put("loadBalanceLoss", load.loadBalanceLoss())
                    .put("routerZLoss", load.routerZLoss())
                    .put("expertLargestShare", load.largestShare())
                    .put("expertIdleShare", load.idleShare())
                    .put("expertEntropy", load.entropy());
        }
        return line.put("tokens", step.tokens()).put("tokensPerSecond", step.tokensPerSecond());
    }

    /** Over the rows of all workers. */
    private ExpertLoad expertLoad(int local) {
        return ExpertLoad.of(reports.stream()
                .map(report -> report.steps().get(local).result().routing())
                .reduce(RouterSums::plus)
                .orElseThrow());
    }

    /** The line of a checkpoint. */
    static ObjectNode line(TrainingListener.Checkpoint checkpoint, String folder) {
        return line("checkpoint", checkpoint.variant(), checkpoint.step())
                .put("round", checkpoint.round())
                .put("folder", folder)
                .put("bytes", checkpoint.bytes())
                .put("seconds", checkpoint.seconds());
    }

    private static ObjectNode line(String event, String variant, long step) {
        return JSON.createObjectNode()
                .put("event", event)
                .put("variant", variant)
                .put("step", step);
    }
}

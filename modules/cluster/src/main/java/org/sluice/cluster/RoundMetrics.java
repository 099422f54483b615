package org.sluice.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.sluice.cluster.control.Positions;
import org.sluice.cluster.control.ReturnedBlocks;
import org.sluice.cluster.control.RoundPlan;
import org.sluice.model.RouterSums;
import org.sluice.training.ExpertLoad;
import org.sluice.training.StepResult;

/** What the workers' reports of one round come to, for listeners and for {@code metrics.jsonl}. */
final class RoundMetrics {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TrainingPlan plan;
    private final RoundPlan round;
    private final Progress before;
    private final Progress after;
    private final List<WorkerReport> reports;
    private final Map<Integer, String> uncounted;
    private final double seconds;
    private final long receivedBytes;

    /**
     * @param reports of the workers whose work counts, in their order
     * @param uncounted the other workers, each with the reason
     * @param seconds the time of the whole round
     * @param receivedBytes what workers and owners received in it
     */
    RoundMetrics(
            TrainingPlan plan,
            RoundPlan round,
            Progress before,
            Progress after,
            List<WorkerReport> reports,
            Map<Integer, String> uncounted,
            double seconds,
            long receivedBytes) {
        this.plan = plan;
        this.round = round;
        this.before = before;
        this.after = after;
        this.reports = reports;
        this.uncounted = uncounted;
        this.seconds = seconds;
        this.receivedBytes = receivedBytes;
    }

    List<TrainingListener.Step> steps() {
        List<TrainingListener.Step> steps = new ArrayList<>();
        long tokens = before.tokens();
        for (int local = 0; local < localSteps(); local++) {
            tokens += tokens(local);
            steps.add(step(local, tokens));
        }
        return steps;
    }

    /** A worker may have done fewer steps than others, where the last one had too few blocks for all. */
    private int localSteps() {
        return reports.stream().mapToInt(report -> report.steps().size()).max().orElseThrow();
    }

    private List<WorkerReport.LocalStep> reported(int local) {
        return reports.stream()
                .filter(report -> local < report.steps().size())
                .map(report -> report.steps().get(local))
                .toList();
    }

    private long tokens(int local) {
        return reported(local).stream()
                .mapToLong(WorkerReport.LocalStep::tokens)
                .sum();
    }

    private TrainingListener.Step step(int local, long tokens) {
        double lossSum = 0;
        long targets = 0;
        double weightedNorm = 0;
        double slowest = 0;
        for (WorkerReport.LocalStep reported : reported(local)) {
            StepResult result = reported.result();
            lossSum += result.lossSum();
            targets += result.targets();
            weightedNorm += result.gradientNorm() * result.targets();
            slowest = Math.max(slowest, reported.seconds());
        }
        return new TrainingListener.Step(
                plan.variant(),
                before.step() + local + 1,
                plan.training().steps(),
                lossSum / Math.max(1, targets),
                reported(local).get(0).result().learningRate(),
                weightedNorm / Math.max(1, targets),
                tokens,
                tokens(local) / slowest);
    }

    TrainingListener.WorkerTimes workers() {
        return new TrainingListener.WorkerTimes(
                plan.variant(),
                after.round(),
                reports.stream()
                        .map(report -> new TrainingListener.WorkerTime(
                                report.worker(),
                                report.executor(),
                                report.host(),
                                report.trainSeconds(),
                                report.receiveSeconds(),
                                report.steps().stream()
                                        .mapToLong(WorkerReport.LocalStep::tokens)
                                        .sum()))
                        .toList());
    }

    TrainingListener.Round round() {
        double compute =
                reports.stream().mapToDouble(WorkerReport::trainSeconds).max().orElseThrow();
        return new TrainingListener.Round(
                plan.variant(),
                after.round(),
                after.step(),
                reports.stream()
                        .map(report -> new TrainingListener.Place(report.worker(), report.executor(), report.host()))
                        .toList(),
                compute,
                Math.max(0, seconds - compute),
                receivedBytes);
    }

    /** What is dealt again, by worker. */
    List<TrainingListener.Uncounted> uncounted() {
        return uncounted.entrySet().stream()
                .map(entry -> new TrainingListener.Uncounted(
                        plan.variant(),
                        after.round(),
                        entry.getKey(),
                        positions(round.deal().all(entry.getKey())),
                        entry.getValue()))
                .toList();
    }

    /** The positions whose blocks count, in ascending order. */
    private List<Positions> counted() {
        return positions(reports.stream()
                .flatMap(report -> round.deal().all(report.worker()).stream())
                .toList());
    }

    /** In ascending order, whatever became of them before. */
    private static List<Positions> positions(List<ReturnedBlocks> pieces) {
        return ReturnedBlocks.joined(
                        pieces.stream().map(ReturnedBlocks::withoutPast).toList())
                .stream()
                .map(ReturnedBlocks::positions)
                .toList();
    }

    /** The lines of the file: one for each step, and one for the round. */
    List<ObjectNode> lines() {
        List<ObjectNode> lines = new ArrayList<>();
        List<TrainingListener.Step> steps = steps();
        for (int local = 0; local < steps.size(); local++) {
            lines.add(stepLine(steps.get(local), local));
        }
        lines.add(roundLine());
        return lines;
    }

    private ObjectNode roundLine() {
        TrainingListener.Round done = round();
        ObjectNode line = line("round", done.variant(), done.step())
                .put("round", done.round())
                .put("workers", done.workers())
                .put("computeSeconds", done.computeSeconds())
                .put("exchangeSeconds", done.exchangeSeconds())
                .put("bytes", done.bytes());
        write(line.putArray("blocks"), counted());
        if (!uncounted.isEmpty()) {
            ArrayNode again = line.putArray("again");
            for (TrainingListener.Uncounted of : uncounted()) {
                ObjectNode entry = again.addObject().put("worker", of.worker()).put("reason", of.reason());
                write(entry.putArray("blocks"), of.blocks());
            }
        }
        return line;
    }

    /** Each range as its first position and the one behind its last. */
    private static void write(ArrayNode array, List<Positions> ranges) {
        ranges.forEach(range -> array.addArray().add(range.from()).add(range.to()));
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
        return ExpertLoad.of(reported(local).stream()
                .map(reported -> reported.result().routing())
                .reduce(RouterSums::plus)
                .orElseThrow());
    }

    /** The line of a checkpoint. */
    static ObjectNode line(TrainingListener.Checkpoint checkpoint, String folder) {
        return line("checkpoint", checkpoint.variant(), checkpoint.step())
                .put("round", checkpoint.round())
                .put("folder", folder)
                .put("bytes", checkpoint.bytes())
                .put("seconds", checkpoint.seconds())
                .put("waitedSeconds", checkpoint.waitedSeconds());
    }

    private static ObjectNode line(String event, String variant, long step) {
        return JSON.createObjectNode()
                .put("event", event)
                .put("variant", variant)
                .put("step", step);
    }
}

package org.sluice.experiments.planning;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sluice.cluster.TrainingPlan;
import org.sluice.experiments.report.LineDrawing;

/**
 * How a training gets on with more and more workers, at several speeds of the network and lengths of rounds. The batch stays the same.
 *
 * @param points all combinations
 */
public record ScaleStudy(List<Point> points) {
    private static final List<Integer> WORKERS = List.of(8, 16, 32, 64, 128, 256, 512, 1024);
    private static final List<Integer> NETWORKS = List.of(10, 25, 100);
    private static final List<Integer> LOCAL_STEPS = List.of(50, 500);

    /**
     * One combination.
     *
     * @param network of a host, 10^9 bits a second
     * @param efficiency the share of a round in which workers compute, without faults
     * @param tokensPerSecond of all workers
     */
    public record Point(int workers, int network, int localSteps, double efficiency, double tokensPerSecond) {}

    /**
     * Plans all combinations that have a block for each worker.
     *
     * @param cluster the network of which does not count
     */
    public static ScaleStudy of(TrainingPlan training, int blockLength, ClusterDescription cluster) {
        List<Point> points = new ArrayList<>();
        for (int localSteps : LOCAL_STEPS) {
            for (int network : NETWORKS) {
                WORKERS.stream()
                        .filter(workers -> workers <= training.cluster().blocksPerStep())
                        .forEach(workers ->
                                points.add(point(training, blockLength, cluster, workers, network, localSteps)));
            }
        }
        return new ScaleStudy(List.copyOf(points));
    }

    private static Point point(
            TrainingPlan training,
            int blockLength,
            ClusterDescription cluster,
            int workers,
            int network,
            int localSteps) {
        TrainingPlan sized =
                ChangedSettings.with(training, ChangedSettings.sized(training.cluster(), workers, localSteps));
        double train = localSteps * StepTime.of(sized, blockLength, cluster).seconds();
        double waited = ExchangeTime.of(sized, cluster.withNetwork(network)).waitedSeconds(train);
        double tokens = (double) localSteps * sized.cluster().blocksPerStep() * blockLength;
        return new Point(workers, network, localSteps, train / (train + waited), tokens / (train + waited));
    }

    /** A table in Markdown: a row for each number of workers, efficiency and 10^6 tokens a second. */
    public List<String> markdown() {
        List<String> lines = new ArrayList<>();
        StringBuilder head = new StringBuilder("| workers |");
        StringBuilder rule = new StringBuilder("| ---: |");
        for (int localSteps : LOCAL_STEPS) {
            for (int network : NETWORKS) {
                head.append(String.format(Locale.ROOT, " H = %d, %d Gb/s |", localSteps, network));
                rule.append(" ---: |");
            }
        }
        lines.add(head.toString());
        lines.add(rule.toString());
        points.stream().map(Point::workers).distinct().sorted().forEach(workers -> {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "| %,d |", workers));
            points.stream()
                    .filter(point -> point.workers() == workers)
                    .forEach(point -> line.append(String.format(
                            Locale.ROOT,
                            " %.1f %%, %.2f |",
                            100 * point.efficiency(),
                            point.tokensPerSecond() * 1e-6)));
            lines.add(line.toString());
        });
        return lines;
    }

    /** A drawing of the efficiency over the workers, as an SVG file. */
    public String svg(String title) {
        LineDrawing drawing = new LineDrawing(title, "workers", "efficiency of a round, %");
        for (int localSteps : LOCAL_STEPS) {
            for (int network : NETWORKS) {
                List<Point> line = points.stream()
                        .filter(point -> point.localSteps() == localSteps && point.network() == network)
                        .toList();
                drawing.line(
                        String.format(Locale.ROOT, "H = %d, %d Gb/s", localSteps, network),
                        line.stream().map(point -> (double) point.workers()).toList(),
                        line.stream().map(point -> 100 * point.efficiency()).toList());
            }
        }
        return drawing.svg();
    }
}

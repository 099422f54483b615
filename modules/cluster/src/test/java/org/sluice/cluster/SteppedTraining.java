package org.sluice.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.training.TrainingConfig;

/**
 * A driver in a process of its own that trains in lockstep with a test: it tells each event in a line of its standard output, and goes on
 * when it reads a line. So a test can do anything to any process between two events, without waiting for any time to pass.
 */
final class SteppedTraining implements AutoCloseable {
    /** The blocks of a step. */
    static final int BLOCKS = 12;

    /** The most and the least workers, and the steps of the training. */
    record TrainingSize(int workers, int least, long steps) {}

    private final Process process;
    private final BufferedReader events;
    private final OutputStream commands;

    /**
     * Starts the driver.
     *
     * @param executors it begins when there are so many
     */
    SteppedTraining(Path log, StandaloneCluster cluster, int executors, Path run, TrainingSize size, boolean resume)
            throws IOException {
        this(log, cluster, executors, run, size, resume, Host.LOCAL, Map.of());
    }

    /**
     * Starts the driver.
     *
     * @param executors it begins when there are so many
     * @param host where it runs
     * @param settings of Spark's that differ from the usual
     */
    SteppedTraining(
            Path log,
            StandaloneCluster cluster,
            int executors,
            Path run,
            TrainingSize size,
            boolean resume,
            Host host,
            Map<String, String> settings)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                cluster.master(),
                "" + executors,
                run.toString(),
                "" + size.workers(),
                "" + size.least(),
                "" + size.steps(),
                "" + resume,
                "spark.driver.host=" + host.address(),
                "spark.driver.bindAddress=" + host.address()));
        settings.forEach((name, value) -> arguments.add(name + "=" + value));
        ProcessBuilder builder =
                TestProcess.builder(log, SteppedTraining.class.getName(), arguments.toArray(String[]::new));
        builder.command().addAll(0, host.command());
        this.process = builder.start();
        this.events = process.inputReader(StandardCharsets.UTF_8);
        this.commands = process.getOutputStream();
    }

    /** Waits for the next event: {@code round NUMBER WORKERS}, {@code checkpoint ROUND}, {@code back ROUND}, {@code end STATUS}; null if the process has ended. */
    String event() throws IOException {
        String line = events.readLine();
        while (line != null && !line.startsWith("event ")) {
            line = events.readLine();
        }
        return line == null ? null : line.substring("event ".length());
    }

    /** Lets the driver go on. */
    void goOn() throws IOException {
        command("go");
    }

    /** Lets the driver go on as soon as there are so many executors. */
    void goOnWith(int executors) throws IOException {
        command("await " + executors);
    }

    private void command(String line) throws IOException {
        commands.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        commands.flush();
    }

    /** Goes on until an event of some kind, which the driver then stands at. */
    String goOnUntil(String kind) throws IOException {
        while (true) {
            goOn();
            String event = event();
            if (event == null) {
                throw new AssertionError("the driver has ended before '" + kind + "'");
            }
            if (event.startsWith(kind)) {
                return event;
            }
        }
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The plan that the driver trains. */
    static TrainingPlan plan(TrainingSize size) {
        return plan(size, TrainingFixture.adamW(size.steps()));
    }

    /** The same with another training. */
    static TrainingPlan plan(TrainingSize size, TrainingConfig training) {
        ClusterConfig cluster = new ClusterChange(TrainingFixture.cluster(1, 1, OuterOptimizer.nesterov(), 3))
                .workers(size.workers(), size.least())
                .steps(BLOCKS, 2)
                .rounds(new RoundPolicy(0, 0.5, 10))
                .asynchronousCheckpoints(false)
                .done();
        return TrainingFixture.plan(training, cluster);
    }

    static SyntheticBlocks blocks() {
        return SyntheticBlocks.of(5000);
    }

    private static void await(JavaSparkContext context, int executors) {
        ExecutorRoster roster = new ExecutorRoster(context, Set::of);
        int there;
        do {
            there = roster.await(executors, Set.of()).size();
        } while (there < executors);
    }

    /** The driver. */
    public static void main(String[] arguments) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        TrainingSize size = new TrainingSize(
                Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]), Long.parseLong(arguments[5]));
        Map<String, String> settings = SparkSessions.executors(512, Map.of("spark.executor.cores", "1"));
        // Hosts that are gone do not come back: workers share those that are left.
        settings.put("spark.scheduler.maxRegisteredResourcesWaitingTime", "3s");
        for (String setting : Arrays.asList(arguments).subList(7, arguments.length)) {
            settings.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        try (JavaSparkContext context = SparkSessions.start(arguments[0], settings)) {
            await(context, Integer.parseInt(arguments[1]));
            TrainingListener stepped = new TrainingListener() {
                @Override
                public void round(Round round) {
                    tell("round " + round.round() + " " + round.workers());
                }

                @Override
                public void checkpoint(Checkpoint checkpoint) {
                    tell("checkpoint " + checkpoint.round());
                }

                @Override
                public void recovery(Recovery recovery) {
                    tell("back " + recovery.backTo().round());
                }

                private void tell(String event) {
                    System.out.println("event " + event);
                    try {
                        String command = commands.readLine();
                        if (command.startsWith("await ")) {
                            SteppedTraining.await(context, Integer.parseInt(command.substring("await ".length())));
                        }
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    }
                }
            };
            TrainingOutcome outcome = new Trainer(
                            context, TrainingFixture.folder(Path.of(arguments[2])), plan(size), blocks(), stepped)
                    .train(Boolean.parseBoolean(arguments[6]));
            System.out.println("event end " + outcome.status());
        }
    }
}

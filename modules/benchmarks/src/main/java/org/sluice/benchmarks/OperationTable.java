package org.sluice.benchmarks;

import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.MachineSpeed;
import org.sluice.tensor.observation.OperationWork;

/**
 * Runs the benchmarks and prints a table of them in Markdown: time, floor, and how much of the floor was reached.
 *
 * <p>The arguments are JMH's own: patterns of benchmarks' names (all, if there is none), and options such as {@code -i 5 -r 2s} for five
 * measurements of two seconds and {@code -p cores=1}; {@code -h} lists them. Progress goes to standard error, the table to standard
 * output. The exit code is 2 if the arguments are not JMH's or a benchmark failed.
 */
public final class OperationTable {
    private static final String CORES = "cores";

    /** The work of a class's benchmarks by its name and parameters: each set of tensors is made once. */
    private final Map<String, Map<String, OperationWork>> works = new LinkedHashMap<>();

    private OperationTable() {}

    public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
        try {
            CommandLineOptions options = new CommandLineOptions(arguments);
            if (options.shouldHelp()) {
                options.showHelp();
                return;
            }
            System.out.print(table(options));
        } catch (CommandLineOptionException | RunnerException | IllegalArgumentException refused) {
            System.err.println("The benchmarks did not run: " + refused.getMessage());
            System.exit(2);
        }
    }

    /**
     * Runs the benchmarks that the options choose.
     *
     * @return a table for each number of cores
     * @throws IllegalArgumentException if the options choose none
     * @throws RunnerException if a benchmark failed
     */
    static String table(CommandLineOptions options) throws RunnerException, ReflectiveOperationException {
        try {
            return new OperationTable().tables(run(options));
        } catch (NoBenchmarksException none) {
            throw new IllegalArgumentException(
                    "no benchmark's name matches one of " + options.getIncludes()
                            + "; names are those of classes and their methods, such as Products.forward",
                    none);
        }
    }

    private static Collection<RunResult> run(CommandLineOptions options) throws RunnerException {
        return new Runner(
                        new OptionsBuilder()
                                .parent(options)
                                .mode(Mode.AverageTime)
                                .timeUnit(TimeUnit.MILLISECONDS)
                                .shouldFailOnError(true)
                                .build(),
                        OutputFormatFactory.createFormatInstance(System.err, VerboseMode.NORMAL))
                .run();
    }

    private String tables(Collection<RunResult> results) throws ReflectiveOperationException {
        Map<Integer, StringBuilder> tables = new TreeMap<>();
        Map<Integer, MachineSpeed> machines = new TreeMap<>();
        for (RunResult result : results) {
            int cores = Integer.parseInt(result.getParams().getParam(CORES));
            if (!tables.containsKey(cores)) {
                StringBuilder head = new StringBuilder();
                machines.put(cores, machine(cores, head));
                tables.put(cores, head);
            }
            tables.get(cores).append(row(result, machines.get(cores)));
        }
        return String.join(System.lineSeparator(), tables.values());
    }

    /** Measures the machine and begins the table with what was found. */
    private static MachineSpeed machine(int cores, StringBuilder head) {
        try (Backend backend = Backends.open(Backends.AUTOMATIC, cores)) {
            MachineSpeed machine = backend.measureMachine()
                    .orElseThrow(
                            () -> new IllegalStateException(
                                    "backend " + backend.name()
                                            + " cannot measure its machine, so that there are no floors; put another on the class path"));
            head.append(String.format(
                    Locale.ROOT,
                    "%s: %.0f GFLOP/s of multiply-adds, %.1f GB/s of copying%n%n"
                            + "| operation | time (ms) | floor (ms) | of the floor |%n| --- | ---: | ---: | ---: |%n",
                    backend.description(),
                    machine.gigaflops(),
                    machine.gigabytesPerSecond()));
            return machine;
        }
    }

    private String row(RunResult result, MachineSpeed machine) throws ReflectiveOperationException {
        BenchmarkParams benchmark = result.getParams();
        int method = benchmark.getBenchmark().lastIndexOf('.');
        String type = benchmark.getBenchmark().substring(0, method);
        String name = benchmark.getBenchmark().substring(method + 1);
        Map<String, String> parameters = benchmark.getParamsKeys().stream()
                .collect(Collectors.toMap(key -> key, benchmark::getParam, (left, right) -> left, LinkedHashMap::new));
        String set = type + parameters;
        if (!works.containsKey(set)) {
            works.put(set, BenchmarkWork.of(Class.forName(type).asSubclass(OperationBenchmark.class), parameters));
        }
        double floor = works.get(set).get(name).floorMillis(machine);
        double millis = result.getPrimaryResult().getScore();
        parameters.remove(CORES);
        String sizes = parameters.entrySet().stream()
                .map(parameter -> ", " + parameter.getKey() + " " + parameter.getValue())
                .collect(Collectors.joining());
        return String.format(
                Locale.ROOT,
                "| `%s.%s`%s | %.3f | %.3f | %.0f %% |%n",
                type.substring(type.lastIndexOf('.') + 1),
                name,
                sizes,
                millis,
                floor,
                100 * floor / millis);
    }
}

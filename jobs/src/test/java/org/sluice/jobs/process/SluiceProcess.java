package org.sluice.jobs.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.sluice.cluster.Host;

/** {@code jobs/sluice} with arguments, in a process of its own; what it prints is kept. */
final class SluiceProcess {
    private static final Path LAUNCHER = Path.of("sluice").toAbsolutePath();

    /** A test run that a script put into the background ignores ctrl-C, and so would all that it starts, the process under test too. */
    private static final List<String> HEARING_INTERRUPTS = List.of("env", "--default-signal=INT");

    private SluiceProcess() {}

    /** Starts it in a folder. */
    static WatchedProcess start(Path folder, String... arguments) throws IOException {
        return start(Host.LOCAL, folder, Map.of("SPARK_LOCAL_IP", "127.0.0.1"), arguments);
    }

    /**
     * Starts it in a folder.
     *
     * @param environment variables beyond those of this process
     */
    static WatchedProcess start(Host host, Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(host.command());
        command.addAll(HEARING_INTERRUPTS);
        command.add(LAUNCHER.toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("SPARK_HOME", "SPARK_CONF_DIR", "HADOOP_CONF_DIR"));
        builder.environment().put("SLUICE_DRIVER_MEMORY", "1g");
        builder.environment().putAll(environment);
        return new WatchedProcess(builder.start());
    }

    /** Runs it to its end, and checks how it ends. */
    static String run(int expectedExit, Path folder, String... arguments) throws IOException, InterruptedException {
        try (WatchedProcess process = start(folder, arguments)) {
            return process.exit(expectedExit);
        }
    }
}

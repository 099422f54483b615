package org.sluice.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts classes of this class path in JVMs of their own, and sends signals to processes. */
final class TestProcess {
    private TestProcess() {}

    /**
     * Starts a main class; standard input and output are the caller's.
     *
     * @param log where standard error goes
     */
    static Process start(Path log, String main, String... arguments) throws IOException {
        return builder(log, main, arguments).redirectOutput(log.toFile()).start();
    }

    static ProcessBuilder builder(Path log, String main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-"))
                .forEach(command::add);
        command.addAll(SparkSessions.SHORT_LIVED);
        command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path"), main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(log.toFile());
    }

    /** Sends a signal, by its name without SIG, to a process. */
    static void signal(String name, long process) {
        try {
            new ProcessBuilder("kill", "-" + name, "" + process).start().waitFor();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** Sends a signal to the process that this runs in. */
    static void signalOwn(String name) {
        signal(name, ProcessHandle.current().pid());
    }
}

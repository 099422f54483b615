package org.sluice.jobs.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process whose output is kept as it comes. */
final class WatchedProcess implements AutoCloseable {
    private static final long TIMEOUT_SECONDS = 900;

    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;
    private boolean ended;

    WatchedProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "output of " + process.pid());
        this.reader.setDaemon(true);
        this.reader.start();
    }

    /** Waits for the end. */
    String exit(int expected) throws InterruptedException {
        boolean inTime = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        assertThat(inTime).describedAs("ended in time; so far:%n%s", output()).isTrue();
        reader.join();
        assertThat(process.exitValue())
                .describedAs("exit code, with:%n%s", output())
                .isEqualTo(expected);
        return output();
    }

    /** Waits for a line that holds a match, and returns the first. */
    synchronized Matcher await(String pattern) throws InterruptedException {
        Pattern compiled = Pattern.compile(pattern);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        int seen = 0;
        while (true) {
            for (; seen < lines.size(); seen++) {
                Matcher matcher = compiled.matcher(lines.get(seen));
                if (matcher.find()) {
                    return matcher;
                }
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            assertThat(!ended && left > 0)
                    .describedAs("a line with '%s' in:%n%s", pattern, String.join("\n", lines))
                    .isTrue();
            wait(left);
        }
    }

    /** What ctrl-C sends. */
    void interrupt() throws IOException, InterruptedException {
        int killed = new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(killed).isZero();
    }

    /** What it printed so far. */
    synchronized String output() {
        return String.join("\n", lines);
    }

    private void read() {
        try (BufferedReader input = process.inputReader()) {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                synchronized (this) {
                    lines.add(line);
                    notifyAll();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            synchronized (this) {
                ended = true;
                notifyAll();
            }
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}

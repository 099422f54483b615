package org.sluice.jobs.console;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Progress as plain lines, at most one in five seconds, besides the first and the last. */
final class LineProgress implements Progress {
    private static final long NANOS_BETWEEN_LINES = 5_000_000_000L;

    private final Consumer<String> lines;
    private final LongSupplier clock;
    private final String stage;
    private long total;
    private final String unit;
    private final long startDone;
    private final long start;
    private long lastLine;
    private long done;
    private String message = "";
    private boolean unsaid;
    private boolean begun;

    LineProgress(Consumer<String> lines, LongSupplier clock, String stage, long total, long done, String unit) {
        this.lines = lines;
        this.clock = clock;
        this.stage = stage;
        this.total = total;
        this.unit = unit;
        this.startDone = done;
        this.done = done;
        this.start = clock.getAsLong();
        this.lastLine = start - NANOS_BETWEEN_LINES;
    }

    @Override
    public synchronized void update(long newDone, long newTotal, String newMessage) {
        unsaid |= newDone != done || !newMessage.equals(message) || !begun;
        begun = true;
        done = newDone;
        total = newTotal;
        message = newMessage;
        if (unsaid && clock.getAsLong() - lastLine >= NANOS_BETWEEN_LINES) {
            say();
        }
    }

    @Override
    public synchronized void note(String line) {
        lines.accept(line);
    }

    @Override
    public synchronized void close() {
        if (unsaid) {
            say();
        }
    }

    private void say() {
        long now = clock.getAsLong();
        String count = total > 0 ? done + "/" + total : Long.toString(done);
        String figures = message.isEmpty() ? "" : ", " + message;
        lines.accept(stage + ": " + count + " " + unit + figures + timeLeft(now));
        lastLine = now;
        unsaid = false;
    }

    private String timeLeft(long now) {
        if (total <= 0 || done <= startDone || done >= total) {
            return "";
        }
        double secondsEach = (now - start) / 1e9 / (done - startDone);
        return ", " + Durations.words(secondsEach * (total - done)) + " left";
    }
}

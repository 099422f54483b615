package org.sluice.jobs.console;

import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress as a bar that is drawn over, for a terminal. */
final class BarProgress implements Progress {
    private static final int USUAL_WIDTH = 80;
    private static final String ERASE_LINE = "\r\033[2K";

    private final PrintStream terminal;
    private final ProgressBar bar;

    BarProgress(PrintStream terminal, String stage, long total, long done, String unit) {
        this.terminal = terminal;
        this.bar = new ProgressBarBuilder()
                .setTaskName(stage)
                .setInitialMax(total > 0 ? total : -1)
                .startsFrom(done, Duration.ZERO)
                .setUnit(" " + unit, 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .setConsumer(new ConsoleProgressBarConsumer(terminal, width()))
                .build();
    }

    /** The launcher tells the terminal's width through the environment, as shells do. */
    private static int width() {
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : USUAL_WIDTH;
    }

    @Override
    public void update(long done, long total, String message) {
        bar.maxHint(total > 0 ? total : -1);
        bar.setExtraMessage(" " + message);
        bar.stepTo(done);
    }

    @Override
    public void note(String line) {
        terminal.print(ERASE_LINE + line + System.lineSeparator());
        bar.refresh();
    }

    @Override
    public void close() {
        bar.close();
    }
}

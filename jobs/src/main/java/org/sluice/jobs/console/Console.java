package org.sluice.jobs.console;

import java.io.PrintStream;

/** Where the user reads: results on standard output, everything else on standard error. */
public final class Console {
    private final PrintStream output;
    private final PrintStream messages;
    private final boolean terminal;

    /**
     * A console on streams.
     *
     * @param terminal whether lines may be drawn over
     */
    public Console(PrintStream output, PrintStream messages, boolean terminal) {
        this.output = output;
        this.messages = messages;
        this.terminal = terminal;
    }

    /** The console of this process. */
    public static Console system() {
        return new Console(System.out, System.err, isTerminal());
    }

    /** Whether a person watches, so that lines may be drawn over. */
    public boolean terminalAttached() {
        return terminal;
    }

    /** Prints a result. */
    public void result(String text) {
        output.println(text);
        output.flush();
    }

    /** Prints a part of a result, without an end of line. */
    public void part(String text) {
        output.print(text);
        output.flush();
    }

    /** Prints a message about what is going on. */
    public void message(String text) {
        messages.println(text);
        messages.flush();
    }

    /**
     * Starts to show the progress of a stage: a bar on a terminal, else a line now and then.
     *
     * @param stage its name
     * @param total how much there is to do; 0 if nobody knows
     * @param done how much was done before
     * @param unit of total and done, plural
     */
    public Progress progress(String stage, long total, long done, String unit) {
        return terminal
                ? new BarProgress(messages, stage, total, done, unit)
                : new LineProgress(this::message, System::nanoTime, stage, total, done, unit);
    }

    /** From JDK 22 on there is a console object without a terminal too; it must be asked, by a method that JDK 17 lacks. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        java.io.Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException olderJdk) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}

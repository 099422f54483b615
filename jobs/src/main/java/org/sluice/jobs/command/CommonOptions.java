package org.sluice.jobs.command;

import picocli.CommandLine.Option;

/** Options that every command has. */
public final class CommonOptions {
    @Option(names = "--verbose", description = "With an error, show where in the program it happened.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    /** Whether errors are shown with their stack trace. */
    public boolean verbose() {
        return verbose;
    }
}

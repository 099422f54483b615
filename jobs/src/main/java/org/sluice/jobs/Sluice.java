package org.sluice.jobs;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.sluice.jobs.command.BenchCommand;
import org.sluice.jobs.command.EvaluateCommand;
import org.sluice.jobs.command.ExportCommand;
import org.sluice.jobs.command.GenerateCommand;
import org.sluice.jobs.command.ImportCommand;
import org.sluice.jobs.command.InspectCommand;
import org.sluice.jobs.command.PlanCommand;
import org.sluice.jobs.command.PrepareCommand;
import org.sluice.jobs.command.ResumeCommand;
import org.sluice.jobs.command.RunCommand;
import org.sluice.jobs.command.SimulateCommand;
import org.sluice.jobs.command.TrainCommand;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.Interrupts;
import org.sluice.jobs.console.LogFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line of Sluice, and the main class of its jar. */
@Command(
        name = "sluice",
        subcommands = HelpCommand.class,
        description = "Pre-trains gated-attention language models on a Spark cluster.",
        footer = {
            "",
            "Exit codes: 0 done; 1 failed; 2 something given is wrong; 130 stopped by ctrl-C.",
            "The keys of a job file are described in docs/job-file.md."
        })
public final class Sluice implements Runnable {
    private static final Logger LOG = LogManager.getLogger(Sluice.class);
    private static final int FAILED = 1;
    private static final int BAD_INPUT = 2;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "With an error, show where in the program it happened.")
    private boolean verbose;

    @Spec
    private CommandSpec spec;

    private Sluice() {}

    /** Runs a command and ends the process with its exit code; a driver in a container of YARN that is done returns. */
    public static void main(String[] arguments) {
        LogFile.none();
        Console console = Console.system();
        Interrupts interrupts = Interrupts.install(console);
        int exit = commandLine(console, interrupts).execute(arguments);
        // YARN takes a driver in its container that ends its process for one that failed, whatever the exit code.
        if (exit != 0 || !"cluster".equals(System.getProperty("spark.submit.deployMode"))) {
            System.exit(exit);
        }
    }

    private static CommandLine commandLine(Console console, Interrupts interrupts) {
        Sluice sluice = new Sluice();
        CommandLine commandLine = new CommandLine(sluice);
        commandLine.addSubcommand(new RunCommand(console, interrupts));
        commandLine.addSubcommand(new PrepareCommand(console));
        commandLine.addSubcommand(new TrainCommand(console, interrupts));
        commandLine.addSubcommand(new ResumeCommand(console, interrupts));
        commandLine.addSubcommand(new EvaluateCommand(console));
        commandLine.addSubcommand(new ExportCommand(console));
        commandLine.addSubcommand(new ImportCommand(console));
        commandLine.addSubcommand(new GenerateCommand(console, System.in));
        commandLine.addSubcommand(new InspectCommand(console));
        commandLine.addSubcommand(new PlanCommand(console));
        commandLine.addSubcommand(new BenchCommand(console));
        commandLine.addSubcommand(new SimulateCommand(console));
        addHelpOption(commandLine);
        commandLine.getSubcommands().values().forEach(Sluice::addHelpOption);
        commandLine.setParameterExceptionHandler((e, arguments) -> badArguments(console, e));
        commandLine.setExecutionExceptionHandler((e, command, parsed) -> sluice.failure(console, e));
        return commandLine;
    }

    /** Not an inherited option: the command {@code help} has one of its own. */
    private static void addHelpOption(CommandLine command) {
        if (command.getCommandSpec().findOption("-h") == null) {
            command.getCommandSpec()
                    .addOption(OptionSpec.builder("-h", "--help")
                            .usageHelp(true)
                            .description("Show this help.")
                            .build());
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    private static int badArguments(Console console, ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        console.message("sluice: " + e.getMessage());
        console.message("Help: " + command + " --help");
        return BAD_INPUT;
    }

    private int failure(Console console, Exception e) {
        Failure failure = Failure.of(e);
        console.message("sluice: " + failure.message());
        LOG.error("the command failed", e);
        if (verbose) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            console.message(trace.toString());
        } else if (!failure.badInput()) {
            console.message("Where in the program it happened is in the log; or add --verbose");
        }
        return failure.badInput() ? BAD_INPUT : FAILED;
    }
}

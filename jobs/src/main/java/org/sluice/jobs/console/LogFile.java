package org.sluice.jobs.console;

import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.builder.api.AppenderComponentBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;
import org.apache.spark.SparkContext;

/** Keeps what libraries log off the terminal, where only Sluice speaks. */
public final class LogFile {
    private static final String FILE_PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %p %c{1}: %m%n%ex";

    /** Without stack traces: Sluice says itself what was wrong. */
    private static final String TERMINAL_PATTERN = "%p %c{1}: %m%n%ex{none}";

    private LogFile() {}

    /** From here on only errors of libraries are logged, to the terminal: while there is no file yet, or for commands without one. */
    public static void none() {
        ConfigurationBuilder<BuiltConfiguration> builder = ConfigurationBuilderFactory.newConfigurationBuilder();
        AppenderComponentBuilder appender =
                builder.newAppender("terminal", "Console").addAttribute("target", "SYSTEM_ERR");
        configure(builder, appender, TERMINAL_PATTERN, Level.ERROR, Level.OFF);
    }

    /** From here on warnings and errors, and what Sluice itself logs, go to that file, behind what is in it. */
    public static void open(Path file) {
        ConfigurationBuilder<BuiltConfiguration> builder = ConfigurationBuilderFactory.newConfigurationBuilder();
        AppenderComponentBuilder appender = builder.newAppender("file", "File")
                .addAttribute("fileName", file.toString())
                .addAttribute("append", true);
        configure(builder, appender, FILE_PATTERN, Level.WARN, Level.INFO);
    }

    private static void configure(
            ConfigurationBuilder<BuiltConfiguration> builder,
            AppenderComponentBuilder appender,
            String pattern,
            Level libraries,
            Level own) {
        appender.add(builder.newLayout("PatternLayout").addAttribute("pattern", pattern));
        BuiltConfiguration configuration = builder.add(appender)
                .add(builder.newRootLogger(libraries).add(builder.newAppenderRef(appender.getName())))
                .add(builder.newLogger("org.sluice", own))
                .build(false);
        // Spark is loaded before Sluice's jar is; its loggers belong to its class loader, and Sluice's to the same.
        ((LoggerContext) LogManager.getContext(SparkContext.class.getClassLoader(), false)).reconfigure(configuration);
    }
}

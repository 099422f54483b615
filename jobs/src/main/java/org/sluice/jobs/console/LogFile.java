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

/** Sends what libraries log into a file, so that the terminal shows only what Sluice says. */
public final class LogFile {
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %p %c{1}: %m%n%ex";

    private LogFile() {}

    /** From here on, warnings and errors, and what Sluice itself logs, go to that file, behind what is in it. */
    public static void open(Path file) {
        ConfigurationBuilder<BuiltConfiguration> builder = ConfigurationBuilderFactory.newConfigurationBuilder();
        AppenderComponentBuilder appender = builder.newAppender("file", "File")
                .addAttribute("fileName", file.toString())
                .addAttribute("append", true)
                .add(builder.newLayout("PatternLayout").addAttribute("pattern", PATTERN));
        BuiltConfiguration configuration = builder.add(appender)
                .add(builder.newRootLogger(Level.WARN).add(builder.newAppenderRef("file")))
                .add(builder.newLogger("org.sluice", Level.INFO))
                .build(false);
        sparksContext().reconfigure(configuration);
    }

    /** Spark is loaded before Sluice's jar is; its loggers belong to its class loader. */
    private static LoggerContext sparksContext() {
        return (LoggerContext) LogManager.getContext(SparkContext.class.getClassLoader(), false);
    }
}

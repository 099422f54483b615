package org.sluice.jobs.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.Progress;
import org.sluice.jobs.exchange.ModelImport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a checkpoint of a model in the format of others. It needs no Spark session. */
@Command(
        name = "import",
        description =
                "Make a checkpoint of a model as Hugging Face, the authors of gated attention, or export write it:"
                        + " config.json beside safetensors.")
public final class ImportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "The model's folder.")
    private String folder;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "CHECKPOINT",
            description = "The checkpoint's folder; it must not be there, or be empty.")
    private String to;

    private final Console console;

    public ImportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        ModelImport model = new ModelImport(hadoop, folder);
        String told;
        try (Progress progress = console.progress("importing", 0, 0, "parameters")) {
            told = model.write(to, progress);
        }
        console.result(told);
        return 0;
    }
}

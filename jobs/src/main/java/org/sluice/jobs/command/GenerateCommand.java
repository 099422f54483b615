package org.sluice.jobs.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.sluice.data.Tokenizer;
import org.sluice.evaluation.generation.GenerationConfig;
import org.sluice.evaluation.generation.GenerationRequest;
import org.sluice.evaluation.generation.GenerationResult;
import org.sluice.evaluation.generation.Generator;
import org.sluice.evaluation.generation.SamplingConfig;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.generate.ContinuationPrinter;
import org.sluice.jobs.generate.ModelTokenizer;
import org.sluice.jobs.generate.Prompts;
import org.sluice.model.CachedDecoder;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.ParameterLoading;
import org.sluice.tensor.Backend;
import org.sluice.tensor.OutOfDeviceMemoryException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Continues prompts. It needs no Spark session. */
@Command(
        name = "generate",
        description =
                "Continue a prompt with a trained model. The text goes to standard output, as it comes if it is one.")
public final class GenerateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "A run or a checkpoint.")
    private String folder;

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "Of a run: this variant (needed if the run has several).")
    private Optional<String> variant = Optional.empty();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "What to continue; - reads it from standard input. Can be repeated.")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1",
            description = "Continuations of each prompt (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "At most so many tokens of a continuation (default: ${DEFAULT-VALUE}).")
    private int maximumTokens;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            defaultValue = "0.8",
            description = "0 always takes the most probable token, 1 draws by the model's probabilities (default:"
                    + " ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            defaultValue = "0",
            description = "Draw from the N most probable tokens; 0 for all (default: ${DEFAULT-VALUE}).")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            defaultValue = "1",
            description = "Draw from the most probable tokens that together have the probability X (default:"
                    + " ${DEFAULT-VALUE}).")
    private double topP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed gives the same text (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "End a continuation before this text. Can be repeated.")
    private List<String> stops = new ArrayList<>();

    @Option(
            names = "--tokenizer",
            paramLabel = "PATH",
            description =
                    "A tokenizer.json or a dataset's folder (default: the checkpoint's own tokenizer, or that of the"
                            + " dataset it was trained on).")
    private Optional<String> tokenizer = Optional.empty();

    @Option(
            names = "--end-of-text",
            paramLabel = "TOKEN",
            description =
                    "Of a tokenizer.json: the token that ends a text (default: <|endoftext|>, or what the checkpoint"
                            + " says).")
    private Optional<String> endOfText = Optional.empty();

    @Option(names = "--json", description = "Print a line of JSON for each continuation.")
    private boolean json;

    @Mixin
    private BackendOptions backend = new BackendOptions();

    private final Console console;
    private final InputStream input;

    /** @param input is read where a prompt is {@code -} */
    public GenerateCommand(Console console, InputStream input) {
        this.console = console;
        this.input = input;
    }

    @Override
    public Integer call() throws IOException {
        GenerationConfig config = config();
        Prompts given = Prompts.of(prompts, samples, input);
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        Checkpoint checkpoint = new CheckpointPlace(hadoop, console).checkpoint(folder, variant);
        Tokenizer found = new ModelTokenizer(hadoop, tokenizer, endOfText).of(checkpoint);
        List<GenerationRequest> requests = given.requests(found);
        tellIfLongerThanTrained(checkpoint, requests);
        ContinuationPrinter printer = new ContinuationPrinter(console, given, json);
        try (Backend opened = backend.open();
                CachedDecoder decoder = decoder(checkpoint, opened, requests, config);
                Generator generator = new Generator(opened, decoder, found)) {
            ParameterLoading.load(checkpoint, opened.memory(), decoder.parameters());
            GenerationResult result = generator.generate(requests, config, printer);
            printer.finish(requests, result);
            tellSpeed(result);
        }
        return 0;
    }

    private GenerationConfig config() {
        try {
            SamplingConfig sampling = new SamplingConfig(temperature, topK, topP);
            return new GenerationConfig(sampling, maximumTokens, stops, seed);
        } catch (IllegalArgumentException e) {
            throw new InputException("--" + e.getMessage(), e);
        }
    }

    private static CachedDecoder decoder(
            Checkpoint checkpoint, Backend backend, List<GenerationRequest> requests, GenerationConfig config) {
        if (!backend.supports(checkpoint.parameterType())) {
            throw new InputException("the parameters of " + checkpoint.folder() + " are " + checkpoint.parameterType()
                    + ", which backend " + backend.name() + " cannot compute in; name another with --backend");
        }
        try {
            return Generator.decoder(checkpoint.model(), backend, checkpoint.parameterType(), requests, config);
        } catch (OutOfDeviceMemoryException | ArithmeticException e) {
            throw new InputException(
                    "there is no room for the model, and for " + requests.size() + " texts of up to "
                            + config.maximumTokens() + " tokens behind their prompts: " + e.getMessage()
                            + ". Fewer prompts, --samples or --max-tokens need less",
                    e);
        }
    }

    private void tellIfLongerThanTrained(Checkpoint checkpoint, List<GenerationRequest> requests) {
        long trained = checkpoint.payload().at("/dataset/blockLength").asLong();
        long longest = requests.stream()
                .mapToLong(request -> request.prompt().length)
                .max()
                .orElseThrow();
        if (trained > 0 && longest + maximumTokens > trained) {
            console.message(String.format(
                    Locale.ROOT,
                    "%,d tokens of prompt and up to %,d more go beyond the %,d that the model was trained on;"
                            + " what comes behind these may be worse",
                    longest,
                    maximumTokens,
                    trained));
        }
    }

    private void tellSpeed(GenerationResult result) {
        console.message(String.format(
                Locale.ROOT,
                "%,d prompt tokens in %.2f s; %,d tokens generated, %,.1f tokens/s",
                result.promptTokens(),
                result.promptSeconds(),
                result.generatedTokens(),
                result.tokensPerSecond()));
    }
}

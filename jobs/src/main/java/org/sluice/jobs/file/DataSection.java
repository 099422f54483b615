package org.sluice.jobs.file;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.sluice.data.CorpusInput;
import org.sluice.data.DataConfig;
import org.sluice.data.InputFormat;
import org.sluice.data.TokenizerConfig;
import org.sluice.model.Nearest;

/**
 * The corpus and how it becomes a dataset.
 *
 * @param output the dataset's folder; by default {@code dataset} in the run's folder
 * @param inputs where documents come from; without any, the dataset must be there already
 * @param tokenizer how text is cut into tokens
 * @param blockLength positions of a block
 * @param heldOutFraction the share of documents that is kept from training
 * @param seed of the training order
 * @param blocksPerShard blocks in a Parquet file
 * @param dropDuplicates whether equal documents are kept once
 * @param maximumDocumentBytes longer documents are skipped and counted
 */
public record DataSection(
        Optional<String> output,
        List<Input> inputs,
        Tokenizer tokenizer,
        int blockLength,
        double heldOutFraction,
        long seed,
        int blocksPerShard,
        boolean dropDuplicates,
        long maximumDocumentBytes) {

    /** @throws IllegalArgumentException if a value is out of its range */
    public DataSection {
        List<CorpusInput> some = List.of(CorpusInput.of("any", "any"));
        new DataConfig(
                "any",
                some,
                tokenizer.toConfig(),
                blockLength,
                heldOutFraction,
                seed,
                blocksPerShard,
                dropDuplicates,
                maximumDocumentBytes);
    }

    /** One source of documents; see {@link CorpusInput}. */
    public record Input(
            String domain,
            List<String> paths,
            Optional<String> format,
            Optional<List<String>> include,
            Optional<String> textField) {
        private static final List<String> FORMATS = List.of("text", "jsonl", "parquet", "archive");

        public Input {
            format.filter(name -> !FORMATS.contains(name)).ifPresent(name -> {
                throw new IllegalArgumentException("format '" + name + "' is not known"
                        + Nearest.suggestion(name, FORMATS) + " (it is one of " + String.join(", ", FORMATS) + ")");
            });
            toCorpusInput(domain, paths, format, include, textField);
        }

        private static CorpusInput toCorpusInput(
                String domain,
                List<String> paths,
                Optional<String> format,
                Optional<List<String>> include,
                Optional<String> textField) {
            return new CorpusInput(
                    domain,
                    paths,
                    format.map(name -> InputFormat.valueOf(name.toUpperCase(Locale.ROOT)))
                            .orElse(null),
                    include.orElse(List.of()),
                    textField.orElse(null));
        }

        CorpusInput toCorpusInput() {
            return toCorpusInput(domain, paths, format, include, textField);
        }
    }

    /** A tokenizer to bring ({@code path}) or to train; see {@link TokenizerConfig}. */
    public record Tokenizer(
            Optional<String> path, int vocabularySize, long minimumFrequency, long sampleBytes, String endOfText) {
        public Tokenizer {
            toConfig(path, vocabularySize, minimumFrequency, sampleBytes, endOfText);
        }

        TokenizerConfig toConfig() {
            return toConfig(path, vocabularySize, minimumFrequency, sampleBytes, endOfText);
        }

        private static TokenizerConfig toConfig(
                Optional<String> path, int vocabularySize, long minimumFrequency, long sampleBytes, String endOfText) {
            return new TokenizerConfig(path.orElse(null), vocabularySize, minimumFrequency, sampleBytes, endOfText);
        }
    }

    /**
     * What the data pipeline is to do.
     *
     * @param folder where the dataset is written
     */
    public DataConfig toConfig(String folder) {
        return new DataConfig(
                folder,
                inputs.stream().map(Input::toCorpusInput).toList(),
                tokenizer.toConfig(),
                blockLength,
                heldOutFraction,
                seed,
                blocksPerShard,
                dropDuplicates,
                maximumDocumentBytes);
    }
}

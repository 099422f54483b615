package org.sluice.jobs.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.sluice.data.Dataset;
import org.sluice.data.Tokenizer;
import org.sluice.model.checkpoint.Checkpoint;

/** The tokenizer of a checkpoint's model: its own, if it was imported with one, or that of the dataset that it was trained on. */
final class CheckpointTokenizer {
    private static final String FILE = "tokenizer.json";

    private CheckpointTokenizer() {}

    /**
     * Finds it.
     *
     * @return empty if the checkpoint has none and names no dataset
     * @throws org.sluice.data.DatasetException if the dataset that it names is not there
     */
    static Optional<Tokenizer> of(Configuration hadoop, Checkpoint checkpoint) throws IOException {
        if (checkpoint.files().stream().anyMatch(file -> file.name().equals(FILE))) {
            try (InputStream stream = checkpoint.open(FILE)) {
                String endOfText =
                        checkpoint.payload().at("/imported/endOfText").asText();
                return Optional.of(Tokenizer.of(stream.readAllBytes(), endOfText));
            }
        }
        return datasetFolder(checkpoint)
                .map(folder -> Dataset.open(hadoop, folder).tokenizer());
    }

    /** The dataset that the model was trained on, if the checkpoint says. */
    static Optional<String> datasetFolder(Checkpoint checkpoint) {
        String folder = checkpoint.payload().at("/dataset/folder").asText();
        return folder.isEmpty() ? Optional.empty() : Optional.of(folder);
    }
}

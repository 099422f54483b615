package org.sluice.jobs.generate;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sluice.data.Dataset;
import org.sluice.data.DatasetException;
import org.sluice.data.Tokenizer;
import org.sluice.data.TokenizerConfig;
import org.sluice.jobs.InputException;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.FileRecord;

/**
 * Finds the tokenizer of a model: the one that the user names; else the one in the checkpoint's folder, if the checkpoint lists it; else
 * that of the dataset which the model was trained on.
 */
public final class ModelTokenizer {
    private static final String FILE = "tokenizer.json";
    private static final String END_OF_TEXT = TokenizerConfig.DEFAULT_END_OF_TEXT;

    private final Configuration hadoop;
    private final Optional<String> named;
    private final Optional<String> endOfText;

    /**
     * @param named a tokenizer.json, or the folder of a dataset
     * @param endOfText the token that ends a document, for a tokenizer that is not a dataset's
     */
    public ModelTokenizer(Configuration hadoop, Optional<String> named, Optional<String> endOfText) {
        this.hadoop = hadoop;
        this.named = named;
        this.endOfText = endOfText;
    }

    /**
     * The tokenizer of a checkpoint's model.
     *
     * @throws InputException if there is none, or it has more tokens than the model
     * @throws DatasetException if it cannot be read as one, or has no end-of-text token of that name
     */
    public Tokenizer of(Checkpoint checkpoint) throws IOException {
        Tokenizer tokenizer = find(checkpoint);
        int tokens = checkpoint.model().vocabulary();
        if (tokenizer.vocabularySize() > tokens) {
            throw new InputException("the tokenizer has " + tokenizer.vocabularySize() + " tokens, and the model in "
                    + checkpoint.folder() + " only " + tokens
                    + ": they do not belong together. Name the model's own tokenizer with --tokenizer");
        }
        return tokenizer;
    }

    private Tokenizer find(Checkpoint checkpoint) throws IOException {
        if (named.isPresent()) {
            return named(new Path(named.get()));
        }
        if (checkpoint.files().stream().map(FileRecord::name).anyMatch(FILE::equals)) {
            try (InputStream stream = checkpoint.open(FILE)) {
                String own = checkpoint.payload().at("/imported/endOfText").asText(END_OF_TEXT);
                return Tokenizer.of(stream.readAllBytes(), endOfText.orElse(own));
            }
        }
        String dataset = checkpoint.payload().at("/dataset/folder").asText();
        if (dataset.isEmpty()) {
            throw new InputException("the checkpoint " + checkpoint.folder() + " has no " + FILE
                    + " and does not say what the model was trained on; name a tokenizer with --tokenizer");
        }
        try {
            return Dataset.open(hadoop, dataset).tokenizer();
        } catch (DatasetException e) {
            throw new InputException(
                    "the model's tokenizer is that of the dataset " + dataset + ", which cannot be read: "
                            + e.getMessage() + ". Another copy of it can be named with --tokenizer",
                    e);
        }
    }

    private Tokenizer named(Path path) throws IOException {
        FileSystem fileSystem = path.getFileSystem(hadoop);
        if (!fileSystem.exists(path)) {
            throw new InputException("--tokenizer: there is neither a file nor a folder " + path);
        }
        if (fileSystem.getFileStatus(path).isDirectory()) {
            return Dataset.open(hadoop, path.toString()).tokenizer();
        }
        try (InputStream stream = fileSystem.open(path)) {
            return Tokenizer.of(stream.readAllBytes(), endOfText.orElse(END_OF_TEXT));
        }
    }
}

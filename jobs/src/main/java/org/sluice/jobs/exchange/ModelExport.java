package org.sluice.jobs.exchange;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.sluice.data.DatasetManifest;
import org.sluice.data.Tokenizer;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.experiments.report.EvaluationJson;
import org.sluice.experiments.report.ModelCard;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Progress;
import org.sluice.model.Nearest;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.SafetensorsType;
import org.sluice.model.interchange.ForeignFormat;
import org.sluice.model.interchange.ForeignModelWriter;

/**
 * A checkpoint's model as a folder for others: weights, {@code config.json}, tokenizer, how to generate, a card for people, and
 * {@code sluice.json}, in which Sluice finds again what only it knows.
 *
 * @param name what the card calls the model
 * @param tokenizer of the model, if it is known
 * @param dataset that the model was trained on, if it is there
 * @param evaluation of the checkpoint, if there is one
 */
public record ModelExport(
        String name,
        Checkpoint checkpoint,
        Optional<Tokenizer> tokenizer,
        Optional<DatasetManifest> dataset,
        Optional<EvaluationResult> evaluation) {
    static final String OWN_FILE = "sluice.json";
    static final String OWN_FORMAT = "sluice-export";
    private static final int LENGTH_OF_UNKNOWN_TRAINING = 4096;
    private static final Map<String, SafetensorsType> TYPES = Map.of(
            "fp32", SafetensorsType.F32,
            "bf16", SafetensorsType.BF16,
            "fp16", SafetensorsType.F16);
    private static final Map<String, String> TORCH_NAMES =
            Map.of("fp32", "float32", "bf16", "bfloat16", "fp16", "float16");

    /**
     * Writes the folder; {@code config.json} comes last, so that what was stopped midway is no model to any reader.
     *
     * @param to must not be there, or be empty
     * @param dtype {@code fp32}, {@code bf16} or {@code fp16}
     * @param progress is told how many parameters are written
     * @return what to tell the user
     * @throws InputException if the folder is not empty, or there is no such type
     */
    public String write(Configuration hadoop, String to, ForeignFormat format, String dtype, Progress progress)
            throws IOException {
        if (!TYPES.containsKey(dtype)) {
            throw new InputException("--dtype is '" + dtype + "'; expected fp32, bf16 or fp16"
                    + Nearest.suggestion(dtype, TYPES.keySet()));
        }
        ModelFolder folder = new ModelFolder(hadoop, to);
        folder.create();
        ForeignModelWriter writer =
                new ForeignModelWriter(hadoop, folder.path(), format, TYPES.get(dtype), ForeignModelWriter.FILE_BYTES);
        long parameters = checkpoint.model().parameters();
        ForeignModelWriter.Written written =
                writer.writeWeights(checkpoint, done -> progress.update(done, parameters, ""));
        if (tokenizer.isPresent()) {
            TokenizerFiles.write(tokenizer.get(), trainedLength(), folder);
        }
        ModelCard card = new ModelCard(name, checkpoint, format, TORCH_NAMES.get(dtype), dataset, evaluation);
        folder.write("README.md", card.markdown().getBytes(StandardCharsets.UTF_8));
        folder.write(OWN_FILE, own());
        writer.writeConfig(
                checkpoint.model(),
                trainedLength(),
                tokenizer.map(known -> OptionalInt.of(known.endOfText())).orElseGet(OptionalInt::empty));
        return inWords(folder, format, dtype, written);
    }

    private int trainedLength() {
        return checkpoint.payload().at("/dataset/blockLength").asInt(LENGTH_OF_UNKNOWN_TRAINING);
    }

    private ObjectNode own() {
        ObjectNode own = JsonNodeFactory.instance.objectNode();
        own.put("format", OWN_FORMAT);
        own.put("version", 1);
        own.set("checkpoint", checkpoint.payload());
        evaluation.ifPresent(result -> EvaluationJson.write(result, own.putObject("evaluation")));
        return own;
    }

    private String inWords(ModelFolder folder, ForeignFormat format, String dtype, ForeignModelWriter.Written written) {
        String text = String.format(
                Locale.ROOT,
                "exported to %s: %,d parameters in %s, %,d bytes in %d file%s, in the format of %s",
                folder,
                checkpoint.model().parameters(),
                dtype,
                written.bytes(),
                written.files().size(),
                written.files().size() == 1 ? "" : "s",
                format.readers(checkpoint.model()));
        return written.roundedNorms() == 0
                ? text
                : text
                        + String.format(
                                Locale.ROOT,
                                "%n%,d weights of norms were rounded, by at most 3e-8: the format stores them less 1",
                                written.roundedNorms());
    }
}

package org.sluice.jobs.exchange;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.sluice.data.Tokenizer;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Progress;
import org.sluice.model.checkpoint.CheckpointCorruptException;
import org.sluice.model.checkpoint.CheckpointFormatException;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.interchange.ForeignModel;
import org.sluice.model.interchange.ForeignModelImport;

/** A checkpoint of a model that lies in a folder in the format of others. */
public final class ModelImport {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Configuration hadoop;
    private final ModelFolder folder;

    /**
     * @param from the folder
     * @throws InputException if there is none
     */
    public ModelImport(Configuration hadoop, String from) throws IOException {
        this.hadoop = hadoop;
        this.folder = new ModelFolder(hadoop, from);
        if (!folder.exists()) {
            throw new InputException("there is no folder " + folder);
        }
    }

    /**
     * Writes the checkpoint, its tokenizer in it.
     *
     * @param to must not be there, or be empty
     * @param progress is told how many parameters are written
     * @return what to tell the user
     * @throws InputException if the folder holds no model that Sluice has, or is damaged
     */
    public String write(String to, Progress progress) throws IOException {
        try (ForeignModel foreign = ForeignModel.open(hadoop, folder.path())) {
            Optional<Tokenizer> tokenizer = TokenizerFiles.read(folder);
            tokenizer.ifPresent(known -> requireFits(known, foreign));
            ModelFolder target = new ModelFolder(hadoop, to);
            target.create();
            CheckpointWriter writer = new CheckpointWriter(hadoop, target.path());
            long parameters = foreign.model().parameters();
            ForeignModelImport.write(
                    hadoop,
                    foreign,
                    writer,
                    tokenizerFile(tokenizer, target.path()),
                    payload(foreign, tokenizer),
                    done -> progress.update(done, parameters, ""));
            return String.format(
                    Locale.ROOT,
                    "imported %,d parameters (%s) into the checkpoint %s, from the format of %s%s",
                    parameters,
                    types(foreign),
                    target,
                    foreign.format().readers(foreign.model()),
                    tokenizer.isPresent() ? "" : "; there is no tokenizer.json, so generate needs --tokenizer");
        } catch (CheckpointFormatException | CheckpointCorruptException refused) {
            throw new InputException(refused.getMessage(), refused);
        }
    }

    private void requireFits(Tokenizer tokenizer, ForeignModel foreign) {
        if (tokenizer.vocabularySize() > foreign.model().vocabulary()) {
            throw new InputException("the tokenizer of " + folder + " has " + tokenizer.vocabularySize()
                    + " tokens, but its model knows " + foreign.model().vocabulary()
                    + " only; put the model's own tokenizer.json there, or none");
        }
    }

    private List<FileRecord> tokenizerFile(Optional<Tokenizer> tokenizer, Path target) throws IOException {
        List<FileRecord> records = new ArrayList<>();
        if (tokenizer.isPresent()) {
            byte[] json = tokenizer.get().json();
            records.add(
                    CheckpointWriter.writeFile(hadoop, target, TokenizerFiles.TOKENIZER, stream -> stream.write(json)));
        }
        return records;
    }

    /** What the checkpoint that was once exported said of its training, if this is one, and where this one comes from. */
    private ObjectNode payload(ForeignModel foreign, Optional<Tokenizer> tokenizer) throws IOException {
        JsonNode own = own();
        ObjectNode payload =
                own.path("checkpoint").isObject() ? own.path("checkpoint").deepCopy() : JSON.createObjectNode();
        if (own.has("evaluation")) {
            payload.set("evaluation", own.path("evaluation"));
        }
        ObjectNode imported = payload.putObject("imported");
        imported.put("from", folder.toString());
        imported.put("format", foreign.format().readers(foreign.model()));
        imported.put("types", types(foreign));
        tokenizer.ifPresent(known -> imported.put("endOfText", known.endOfTextToken()));
        return payload;
    }

    private JsonNode own() throws IOException {
        Optional<byte[]> bytes = folder.read(ModelExport.OWN_FILE);
        if (bytes.isEmpty()) {
            return JSON.createObjectNode();
        }
        String file = folder + "/" + ModelExport.OWN_FILE;
        try {
            JsonNode own = JSON.readTree(bytes.get());
            if (!own.path("format").asText().equals(ModelExport.OWN_FORMAT)
                    || own.path("version").asInt() != 1) {
                throw new InputException(
                        file + " has the format '" + own.path("format").asText() + "' in version "
                                + own.path("version").asText() + "; this Sluice reads '" + ModelExport.OWN_FORMAT
                                + "' in version 1. Import it with the Sluice that wrote it, or remove the file");
            }
            return own;
        } catch (JsonProcessingException notJson) {
            throw new InputException(file + " is not JSON: " + notJson.getOriginalMessage(), notJson);
        }
    }

    private static String types(ForeignModel foreign) {
        return foreign.types().stream().map(Enum::name).collect(Collectors.joining(", "));
    }
}

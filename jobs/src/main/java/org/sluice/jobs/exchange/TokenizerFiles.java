package org.sluice.jobs.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
import org.sluice.data.Tokenizer;
import org.sluice.jobs.InputException;

/** A tokenizer as Hugging Face keeps it beside a model. */
final class TokenizerFiles {
    static final String TOKENIZER = "tokenizer.json";
    private static final String CONFIG = "tokenizer_config.json";
    private static final String GENERATION = "generation_config.json";
    private static final String DEFAULT_END_OF_TEXT = "<|endoftext|>";
    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerFiles() {}

    /**
     * Writes the tokenizer, what says how to read it, and how to generate by default.
     *
     * @param length the positions of a training sequence
     */
    static void write(Tokenizer tokenizer, int length, ModelFolder folder) throws IOException {
        folder.write(TOKENIZER, tokenizer.json());
        ObjectNode config = JSON.createObjectNode();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.put("eos_token", tokenizer.endOfTextToken());
        config.put("model_max_length", length);
        config.put("clean_up_tokenization_spaces", false);
        folder.write(CONFIG, config);
        ObjectNode generation = JSON.createObjectNode();
        generation.put("eos_token_id", tokenizer.endOfText());
        generation.put("do_sample", true);
        folder.write(GENERATION, generation);
    }

    /**
     * Reads the tokenizer of a folder.
     *
     * @return empty if the folder has none
     * @throws org.sluice.data.DatasetException if it is none that Sluice reads
     */
    static Optional<Tokenizer> read(ModelFolder folder) throws IOException {
        Optional<byte[]> json = folder.read(TOKENIZER);
        return json.isPresent()
                ? Optional.of(Tokenizer.of(json.get(), endOfText(folder, json.get())))
                : Optional.empty();
    }

    /** The token that ends a text: that of the tokenizer's own configuration, or the one with the number that the model's has. */
    private static String endOfText(ModelFolder folder, byte[] tokenizer) throws IOException {
        JsonNode own = tree(folder, CONFIG).path("eos_token");
        String text = own.isObject() ? own.path("content").asText() : own.asText("");
        if (!text.isEmpty()) {
            return text;
        }
        for (String file : new String[] {GENERATION, ModelFolder.CONFIG}) {
            JsonNode number = tree(folder, file).path("eos_token_id");
            int first = number.isArray() ? number.path(0).asInt(-1) : number.asInt(-1);
            for (JsonNode token : JSON.readTree(tokenizer).path("added_tokens")) {
                if (token.path("id").asInt() == first) {
                    return token.path("content").asText();
                }
            }
        }
        return DEFAULT_END_OF_TEXT;
    }

    private static JsonNode tree(ModelFolder folder, String file) throws IOException {
        Optional<byte[]> bytes = folder.read(file);
        if (bytes.isEmpty()) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readTree(bytes.get());
        } catch (com.fasterxml.jackson.core.JsonProcessingException notJson) {
            throw new InputException(folder + "/" + file + " is not JSON: " + notJson.getOriginalMessage(), notJson);
        }
    }
}

package org.sluice.jobs.generate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.sluice.data.Tokenizer;
import org.sluice.evaluation.generation.GenerationRequest;
import org.sluice.jobs.InputException;
import org.sluice.jobs.OptionValues;

/**
 * What is to be continued.
 *
 * @param texts of the prompts
 * @param samples continuations of each
 */
public record Prompts(List<String> texts, int samples) {
    private static final String STANDARD_INPUT = "-";

    /**
     * Takes the prompts of a command line.
     *
     * @param given texts, of which one may be {@code -} for all of {@code input}
     * @throws InputException if there is none, or too many are to be read, or the input is not UTF-8
     */
    public static Prompts of(List<String> given, int samples, InputStream input) throws IOException {
        if (given.isEmpty()) {
            throw new InputException("generate needs a --prompt to continue; - reads it from standard input");
        }
        OptionValues.requireAtLeast("--samples", samples, 1);
        if (Collections.frequency(given, STANDARD_INPUT) > 1) {
            throw new InputException("--prompt - is given more than once, but standard input can be read only once");
        }
        List<String> texts = new ArrayList<>();
        for (String text : given) {
            texts.add(text.equals(STANDARD_INPUT) ? read(input) : text);
        }
        return new Prompts(List.copyOf(texts), samples);
    }

    private static String read(InputStream input) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(input.readAllBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InputException("--prompt -: standard input is not UTF-8 text", e);
        }
    }

    /**
     * All samples of the first prompt, then those of the next.
     *
     * @throws InputException if a prompt has no tokens
     */
    public List<GenerationRequest> requests(Tokenizer tokenizer) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int prompt = 0; prompt < texts.size(); prompt++) {
            int[] tokens = tokenizer.encode(texts.get(prompt));
            if (tokens.length == 0) {
                throw new InputException((texts.size() == 1 ? "the prompt" : "prompt " + (prompt + 1))
                        + " is empty; a model needs at least one token to continue from");
            }
            for (int sample = 0; sample < samples; sample++) {
                requests.add(new GenerationRequest(tokens, sample));
            }
        }
        return requests;
    }
}

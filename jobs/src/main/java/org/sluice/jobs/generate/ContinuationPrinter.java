package org.sluice.jobs.generate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.sluice.evaluation.generation.Continuation;
import org.sluice.evaluation.generation.GenerationListener;
import org.sluice.evaluation.generation.GenerationRequest;
import org.sluice.evaluation.generation.GenerationResult;
import org.sluice.jobs.console.Console;

/** Prints continuations: one alone as it comes, several each under a header, for programs each as a line of JSON. */
public final class ContinuationPrinter implements GenerationListener {
    /** Programs read JSON as UTF-8, whatever this process takes the terminal's encoding to be. */
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private final Console console;
    private final Prompts prompts;
    private final boolean json;

    public ContinuationPrinter(Console console, Prompts prompts, boolean json) {
        this.console = console;
        this.prompts = prompts;
        this.json = json;
    }

    private boolean streams() {
        return !json && prompts.texts().size() * (long) prompts.samples() == 1;
    }

    @Override
    public void text(int request, String piece) {
        if (streams()) {
            console.part(piece);
        }
    }

    /** Prints what has not been printed as it came. */
    public void finish(List<GenerationRequest> requests, GenerationResult result) {
        if (streams()) {
            console.result("");
            return;
        }
        for (int i = 0; i < requests.size(); i++) {
            Continuation continuation = result.continuations().get(i);
            int prompt = i / prompts.samples();
            if (json) {
                console.result(line(prompts.texts().get(prompt), requests.get(i), continuation));
            } else {
                String sample = prompts.samples() == 1
                        ? ""
                        : ", sample " + (requests.get(i).sample() + 1);
                console.result("=== prompt " + (prompt + 1) + sample + " ===");
                console.result(continuation.text());
            }
        }
    }

    private static String line(String prompt, GenerationRequest request, Continuation continuation) {
        ObjectNode line = JSON.createObjectNode();
        line.put("prompt", prompt);
        line.put("sample", request.sample() + 1);
        line.put("text", continuation.text());
        line.put("ending", continuation.ending().id());
        line.put("promptTokens", request.prompt().length);
        ArrayNode tokens = line.putArray("tokens");
        for (int token : continuation.tokens()) {
            tokens.add(token);
        }
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }
}

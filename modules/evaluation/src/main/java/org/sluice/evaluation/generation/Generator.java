package org.sluice.evaluation.generation;

import java.util.ArrayList;
import java.util.List;
import org.sluice.data.Tokenizer;
import org.sluice.model.CachedDecoder;
import org.sluice.model.DecoderConfig;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** Continues prompts with a model, all of a batch at once. */
public final class Generator implements AutoCloseable {
    /** Tokens of a prompt that go through the model at once: enough for matrix products at full speed. */
    private static final int CHUNK = 64;

    private static final double NANOSECONDS = 1e9;

    private final Backend backend;
    private final CachedDecoder decoder;
    private final Tokenizer tokenizer;
    private final Arena arena;
    private final Tensor logits;

    /**
     * @param backend the decoder's
     * @param decoder of as many sequences as there will be requests; stays the caller's to close
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model
     */
    public Generator(Backend backend, CachedDecoder decoder, Tokenizer tokenizer) {
        int vocabulary = decoder.config().vocabulary();
        if (tokenizer.vocabularySize() > vocabulary) {
            throw new IllegalArgumentException("the tokenizer has " + tokenizer.vocabularySize()
                    + " tokens and the model " + vocabulary + "; they do not belong together");
        }
        this.backend = backend;
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.arena = backend.newArena("generator");
        DType dtype = decoder.parameters().dtype();
        this.logits = arena.allocate("logits", dtype, Shape.of(decoder.sequences(), vocabulary));
    }

    /**
     * Makes a decoder with room for the requests. Its parameters are yet to be loaded.
     *
     * @throws ArithmeticException if prompt and continuation are longer than 2^31 - 1 tokens
     */
    public static CachedDecoder decoder(
            DecoderConfig model,
            Backend backend,
            DType dtype,
            List<GenerationRequest> requests,
            GenerationConfig config) {
        // The last token of a continuation goes through the model no more.
        int capacity = Math.addExact(promptTimes(requests, CHUNK), config.maximumTokens() - 1);
        return new CachedDecoder(model, backend, dtype, requests.size(), capacity, CHUNK);
    }

    /**
     * Generates.
     *
     * @param requests as many as the decoder has sequences
     * @param listener is told of text as it comes
     * @throws IllegalArgumentException if there are more or fewer requests, or a prompt has a token that the model does not have
     * @throws IllegalStateException if the decoder has no room for prompts and continuations, or the model gives no finite numbers
     */
    public GenerationResult generate(
            List<GenerationRequest> requests, GenerationConfig config, GenerationListener listener) {
        if (requests.size() != decoder.sequences()) {
            throw new IllegalArgumentException(
                    requests.size() + " requests for a decoder of " + decoder.sequences() + " sequences");
        }
        List<GrowingText> texts = new ArrayList<>();
        requests.forEach(request -> texts.add(new GrowingText(tokenizer, request, config)));
        long begun = System.nanoTime();
        readPrompts(requests);
        long generated = grow(texts, listener);
        long read = System.nanoTime();
        long first = generated;
        while (!texts.stream().allMatch(GrowingText::ended)) {
            decoder.forward(texts.stream().mapToInt(GrowingText::lastToken).toArray());
            generated += grow(texts, listener);
        }
        return new GenerationResult(
                texts.stream().map(GrowingText::continuation).toList(),
                requests.stream().mapToLong(request -> request.prompt().length).sum(),
                (read - begun) / NANOSECONDS,
                generated,
                generated - first,
                (System.nanoTime() - read) / NANOSECONDS);
    }

    /** The prompts end together; in front of shorter ones, and of all up to a whole chunk, stands padding. */
    private void readPrompts(List<GenerationRequest> requests) {
        int chunk = decoder.chunk();
        int times = promptTimes(requests, chunk);
        int[] starts = requests.stream()
                .mapToInt(request -> times - request.prompt().length)
                .toArray();
        decoder.begin(starts);
        for (int from = 0; from < times; from += chunk) {
            int[] tokens = new int[requests.size() * chunk];
            for (int sequence = 0; sequence < starts.length; sequence++) {
                int[] prompt = requests.get(sequence).prompt();
                for (int t = 0; t < chunk; t++) {
                    int at = from + t - starts[sequence];
                    tokens[sequence * chunk + t] = at < 0 ? tokenizer.endOfText() : prompt[at];
                }
            }
            decoder.forward(tokens);
        }
    }

    /** Draws a token for each text that has not ended, and returns how many these were. */
    private int grow(List<GrowingText> texts, GenerationListener listener) {
        decoder.logits(logits);
        double[] values = backend.memory().readDoubles(logits);
        int vocabulary = decoder.config().vocabulary();
        int grown = 0;
        for (int sequence = 0; sequence < texts.size(); sequence++) {
            GrowingText text = texts.get(sequence);
            if (!text.ended()) {
                int request = sequence;
                text.grow(values, sequence * vocabulary).ifPresent(piece -> listener.text(request, piece));
                grown++;
            }
        }
        return grown;
    }

    /** The length of the longest prompt, in whole chunks. */
    private static int promptTimes(List<GenerationRequest> requests, int chunk) {
        int longest = requests.stream()
                .mapToInt(request -> request.prompt().length)
                .max()
                .orElseThrow(() -> new IllegalArgumentException("there is no prompt to continue"));
        return Math.multiplyExact((longest - 1) / chunk + 1, chunk);
    }

    @Override
    public void close() {
        arena.close();
    }
}

package org.sluice.evaluation.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.sluice.data.Tokenizer;
import org.sluice.model.CachedDecoder;
import org.sluice.model.Decoder;
import org.sluice.model.DecoderConfig;
import org.sluice.model.DecoderMode;
import org.sluice.model.ForwardObserver;
import org.sluice.model.GateConfig;
import org.sluice.model.Presets;
import org.sluice.model.TokenBatch;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** A model of random weights and a tokenizer of bytes. The model has tokens that the tokenizer has not. */
class GeneratorTest {
    private static final DecoderConfig MODEL = Presets.TINY
            .change()
            .layers(2)
            .vocabulary(ByteTokenizer.TOKENS + 7)
            .modifiers(List.of(GateConfig.SDPA_ELEMENTWISE))
            .build();
    private static final Tokenizer TOKENIZER = ByteTokenizer.create();
    private static final SamplingConfig PLAIN = new SamplingConfig(1, 0, 1);
    private static Backend backend;
    private static double[] parameters;

    @BeforeAll
    static void open() {
        backend = Backends.open("cpu", 2);
        // Large enough for some tokens to be much more probable than others.
        parameters =
                new SplittableRandom(3).doubles(MODEL.parameters(), -0.15, 0.15).toArray();
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    private static GenerationConfig config(SamplingConfig sampling, int tokens, long seed, String... stops) {
        return new GenerationConfig(sampling, tokens, List.of(stops), seed);
    }

    private static GenerationRequest request(String prompt, int sample) {
        return new GenerationRequest(ByteTokenizer.tokens(prompt), sample);
    }

    private static List<Continuation> generate(GenerationConfig config, GenerationRequest... requests) {
        return result(config, requests).continuations();
    }

    /** Generates, and holds the pieces against the texts. */
    private static GenerationResult result(GenerationConfig config, GenerationRequest... requests) {
        List<StringBuilder> pieces = new ArrayList<>();
        for (GenerationRequest ignored : requests) {
            pieces.add(new StringBuilder());
        }
        List<GenerationRequest> all = List.of(requests);
        try (CachedDecoder decoder = Generator.decoder(MODEL, backend, DType.FLOAT32, all, config);
                Generator generator = new Generator(backend, decoder, TOKENIZER)) {
            backend.memory().writeDoubles(parameters, decoder.parameters());
            GenerationResult result = generator.generate(all, config, (request, piece) -> {
                assertThat(piece).isNotEmpty();
                pieces.get(request).append(piece);
            });
            assertThat(pieces.stream().map(StringBuilder::toString))
                    .containsExactlyElementsOf(result.continuations().stream()
                            .map(Continuation::text)
                            .toList());
            return result;
        }
    }

    /** The most probable continuation by a whole pass for each token. */
    private static int[] greedy(String prompt, int count) {
        int[] tokens = Arrays.copyOf(ByteTokenizer.tokens(prompt), prompt.length() + count);
        for (int time = prompt.length(); time < tokens.length; time++) {
            TokenBatch batch = new TokenBatch(1, time, Arrays.copyOf(tokens, time), new int[time], new int[time]);
            try (Decoder decoder = new Decoder(MODEL, backend, DType.FLOAT32, 1, time, DecoderMode.EVALUATION);
                    Arena arena = backend.newArena("logits")) {
                backend.memory().writeDoubles(parameters, decoder.parameters());
                decoder.forward(batch, ForwardObserver.none());
                Tensor out = arena.allocate("logits", DType.FLOAT32, Shape.of(time, MODEL.vocabulary()));
                decoder.logits(out);
                double[] logits = backend.memory().readDoubles(out);
                int best = 0;
                for (int token = 0; token < ByteTokenizer.TOKENS; token++) {
                    int row = (time - 1) * MODEL.vocabulary();
                    best = logits[row + token] > logits[row + best] ? token : best;
                }
                tokens[time] = best;
            }
        }
        return Arrays.copyOfRange(tokens, prompt.length(), tokens.length);
    }

    @Test
    void greedyTextIsThatOfWholePasses() {
        // The second prompt is longer than a chunk.
        for (String prompt : List.of("once", "upon a time ".repeat(6))) {
            int[] expected = greedy(prompt, 12);
            assertThat(expected).doesNotContain(ByteTokenizer.END_OF_TEXT);
            Continuation found = generate(config(SamplingConfig.GREEDY, 12, 1), request(prompt, 0))
                    .get(0);
            assertThat(found.tokens()).isEqualTo(expected);
            assertThat(found.text()).isEqualTo(TOKENIZER.decode(expected));
            assertThat(found.ending()).isEqualTo(Ending.LENGTH);
        }
    }

    @Test
    void aTextDependsOnPromptSeedAndSampleAlone() {
        GenerationConfig config = config(new SamplingConfig(0.8, 40, 0.95), 30, 7);
        GenerationRequest[] requests = {
            request("a", 0), request("a", 1), request("the same length as a chunk, and then some more".repeat(2), 0)
        };
        List<Continuation> together = generate(config, requests);
        for (int i = 0; i < requests.length; i++) {
            assertThat(generate(config, requests[i])).containsExactly(together.get(i));
        }
        assertThat(together.get(0)).isNotEqualTo(together.get(1));
        assertThat(generate(config(config.sampling(), 30, 8), requests[0])).isNotEqualTo(together.subList(0, 1));
    }

    @Test
    void onlyTokensOfTheTokenizerComeOut() {
        GenerationConfig config = config(new SamplingConfig(50, 0, 1), 200, 5);
        for (Continuation continuation : generate(config, request("x", 0), request("y", 1))) {
            assertThat(Arrays.stream(continuation.tokens())).allMatch(token -> token < ByteTokenizer.TOKENS);
        }
    }

    @Test
    void theEndOfTextEndsATextWhileOthersGoOn() {
        // Nearly uniform: an end of text comes after some 257 tokens.
        GenerationConfig config = config(new SamplingConfig(50, 0, 1), 300, 11);
        GenerationRequest[] requests = new GenerationRequest[8];
        Arrays.setAll(requests, sample -> request("x", sample));
        GenerationResult result = result(config, requests);
        List<Continuation> ended = result.continuations().stream()
                .filter(continuation -> continuation.ending() == Ending.END_OF_TEXT)
                .toList();
        assertThat(ended).isNotEmpty();
        assertThat(ended).allMatch(continuation -> continuation.tokens().length < 300);
        assertThat(result.continuations())
                .allMatch(continuation ->
                        Arrays.stream(continuation.tokens()).noneMatch(token -> token == ByteTokenizer.END_OF_TEXT))
                .filteredOn(continuation -> continuation.ending() == Ending.LENGTH)
                .allMatch(continuation -> continuation.tokens().length == 300);
        long tokens = result.continuations().stream()
                .mapToLong(continuation -> continuation.tokens().length)
                .sum();
        assertThat(result.generatedTokens()).isEqualTo(tokens + ended.size());
        assertThat(result.decodedTokens()).isEqualTo(result.generatedTokens() - requests.length);
        assertThat(result.promptTokens()).isEqualTo(requests.length);
        assertThat(result.tokensPerSecond()).isPositive();
    }

    @Test
    void aStopStringEndsATextAndIsNotInIt() {
        Continuation whole = generate(config(PLAIN, 60, 3), request("x", 0)).get(0);
        int from = whole.text().length() / 2;
        String stop = whole.text().substring(from, from + 3);
        Continuation stopped = generate(config(PLAIN, 60, 3, "never in it, all of this", stop), request("x", 0))
                .get(0);
        assertThat(stopped.ending()).isEqualTo(Ending.STOP_STRING);
        assertThat(stopped.text())
                .isEqualTo(whole.text().substring(0, whole.text().indexOf(stop)));
        assertThat(whole.tokens()).startsWith(stopped.tokens());
        assertThat(stopped.tokens().length).isLessThan(60);
    }

    @Test
    void wrongUseIsRefusedInWords() {
        assertThatThrownBy(() -> request("", 0)).hasMessageContaining("no tokens");
        assertThatThrownBy(() -> request("x", -1)).hasMessageContaining("sample is -1");
        assertThatThrownBy(() -> config(PLAIN, 0, 1)).hasMessageContaining("max-tokens is 0");
        assertThatThrownBy(() -> config(PLAIN, 1, 1, "a", "")).hasMessageContaining("stop is empty");
        DecoderConfig small = MODEL.withVocabulary(ByteTokenizer.TOKENS - 1);
        try (CachedDecoder decoder = new CachedDecoder(small, backend, DType.FLOAT32, 1, 1, 1)) {
            assertThatThrownBy(() -> new Generator(backend, decoder, TOKENIZER))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the tokenizer has 257 tokens and the model 256");
        }
        GenerationConfig config = config(PLAIN, 1, 1);
        List<GenerationRequest> one = List.of(request("x", 0));
        try (CachedDecoder decoder = Generator.decoder(MODEL, backend, DType.FLOAT32, one, config);
                Generator generator = new Generator(backend, decoder, TOKENIZER)) {
            assertThatThrownBy(() -> generator.generate(List.of(), config, (request, piece) -> {}))
                    .hasMessageContaining("0 requests for a decoder of 1 sequences");
        }
    }
}

package org.sluice.jobs.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.jobs.InputException;
import org.sluice.jobs.generate.TinyTokenizer;
import org.sluice.jobs.generate.UntrainedCheckpoint;
import org.sluice.model.Presets;

/** The command on an untrained model. */
class GenerateCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;

    private static String checkpoint;
    private static String tokenizer;

    @BeforeAll
    static void writeCheckpoint() throws IOException {
        ObjectNode payload = JSON.createObjectNode();
        payload.putObject("dataset").put("blockLength", 40);
        Path place = folder.resolve("checkpoint");
        UntrainedCheckpoint.write(
                place, Presets.TINY.change().layers(2).vocabulary(300).build(), payload, Map.of());
        checkpoint = place.toString();
        tokenizer = Files.write(folder.resolve("tokenizer.json"), TinyTokenizer.json("<|endoftext|>"))
                .toString();
    }

    private static String[] arguments(String... more) {
        return Stream.concat(Stream.of(checkpoint, "--tokenizer", tokenizer), Arrays.stream(more))
                .toArray(String[]::new);
    }

    @Test
    void oneContinuationIsPrintedAsItIs() throws IOException {
        String[] arguments = arguments("--prompt", "once", "--max-tokens", "20");
        Generated plain = Generated.by(arguments);
        assertThat(plain.messages())
                .containsPattern("4 prompt tokens in \\d+\\.\\d\\d s; 20 tokens generated, [\\d,.]+ tokens/s");
        assertThat(plain.messages()).doesNotContain("trained on");
        assertThat(Generated.by(arguments)).extracting(Generated::text).isEqualTo(plain.text());
        assertThat(Generated.reading("once", arguments("--prompt", "-", "--max-tokens", "20"))
                        .text())
                .isEqualTo(plain.text());
        List<String> seeded = new ArrayList<>(List.of(arguments));
        seeded.addAll(List.of("--seed", "2"));
        assertThat(Generated.by(seeded.toArray(String[]::new)).text()).isNotEqualTo(plain.text());
        JsonNode line = JSON.readTree(Generated.by(arguments("--prompt", "once", "--max-tokens", "20", "--json"))
                .text());
        assertThat(line.path("text").asText() + System.lineSeparator()).isEqualTo(plain.text());
        assertThat(line.path("prompt").asText()).isEqualTo("once");
        assertThat(line.path("promptTokens").asInt()).isEqualTo(4);
        assertThat(line.path("tokens")).hasSize(20).allMatch(token -> token.asInt() < TinyTokenizer.TOKENS);
        assertThat(line.path("ending").asText()).isEqualTo("length");
    }

    @Test
    void severalStandUnderHeadersOrOnLinesOfJson() throws IOException {
        String[] arguments = arguments("--prompt", "a", "--prompt", "bé", "--samples", "2", "--max-tokens", "5");
        assertThat(Generated.by(arguments).lines())
                .contains(
                        "=== prompt 1, sample 1 ===",
                        "=== prompt 1, sample 2 ===",
                        "=== prompt 2, sample 1 ===",
                        "=== prompt 2, sample 2 ===");
        List<String> forPrograms = new ArrayList<>(List.of(arguments));
        forPrograms.add("--json");
        String lines = Generated.by(forPrograms.toArray(String[]::new)).text();
        assertThat(lines.chars()).as("whatever the encoding").allMatch(c -> c < 128);
        List<String> found = new ArrayList<>();
        for (String line : lines.lines().toList()) {
            JsonNode json = JSON.readTree(line);
            found.add(json.path("prompt").asText() + json.path("sample").asInt());
        }
        assertThat(found).containsExactly("a1", "a2", "bé1", "bé2");
    }

    @Test
    void textBeyondTheTrainedLengthIsSaidToBe() {
        assertThat(Generated.by(arguments("--prompt", "x".repeat(30), "--max-tokens", "11"))
                        .messages())
                .containsOnlyOnce(
                        "30 tokens of prompt and up to 11 more go beyond the 40 that the model was trained on");
    }

    @ParameterizedTest
    @CsvSource({
        "--temperature, -1, --temperature is -1.0; it must be at least 0",
        "--temperature, NaN, --temperature is NaN",
        "--top-k, -1, --top-k is -1",
        "--top-p, 0, --top-p is 0.0; it must be above 0",
        "--max-tokens, 0, --max-tokens is 0; it must be at least 1",
        "--samples, 0, --samples is 0",
        "--stop, '', --stop is empty",
        "--cores, 0, --cores is 0",
        "--backend, gpu, --backend: there is no backend 'gpu'",
        "--prompt, '', prompt 2 is empty",
        "--variant, baseline, is a checkpoint; --variant goes with a run's folder",
        "--max-tokens, 2147483647, there is no room for the model",
    })
    void whatIsOutOfRangeIsRefused(String option, String value, String message) {
        assertThatThrownBy(() -> Generated.by(arguments("--prompt", "x", option, value)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aPromptMustBeGiven() {
        assertThatThrownBy(() -> Generated.by(checkpoint))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("generate needs a --prompt");
    }
}

package org.sluice.jobs.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.experiments.Catalogue;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import org.sluice.model.ModelScale;
import org.sluice.model.Presets;
import picocli.CommandLine;

class InspectCommandTest {

    @Test
    void theListHasEveryNameOnALineOfItsOwn() throws IOException {
        List<String> lines = inspect("--list").lines().toList();
        JsonNode json = json("--list", "--json");

        assertThat(lines.stream().map(line -> line.split(" ", 2)[0])).containsExactlyElementsOf(names());
        assertThat(StreamSupport.stream(json.spliterator(), false)
                        .map(entry -> entry.path("name").asText()))
                .containsExactlyElementsOf(names());
        assertThat(lines).anySatisfy(line -> assertThat(line)
                .startsWith("table1-05-sdpa-elementwise ")
                .contains("moe-15a2b; G1: a sigmoid gate for each value")
                .endsWith("perplexity 5.761, HellaSwag 74.64, MMLU 60.82, GSM8k 55.27, C-Eval 62.20"));
    }

    static List<String> names() {
        return Stream.concat(Presets.names().stream(), Catalogue.variantNames().stream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("names")
    void thePartsOfEveryNamedModelAddUp(String name) throws IOException {
        JsonNode json = json(name, "--json");

        assertThat(json.path("name").asText()).isEqualTo(name);
        long parameters = json.path("parameters").asLong();
        assertThat(parameters).isGreaterThan(100_000);
        assertThat(sum(json.path("parametersByPart"))).isEqualTo(parameters);
        assertThat(shapes(json)).isEqualTo(parameters);
        assertThat(json.path("activeParameters").asLong()).isBetween(1L, parameters);
        assertThat(sum(json.path("flopsPerTokenByPart")))
                .isEqualTo(json.path("flopsPerToken").asLong());
        assertThat(sum(json.path("memoryBytesByPart")))
                .isEqualTo(json.path("memoryBytes").asLong());
        assertThat(json.at("/memoryBytesByPart/optimizerState").asLong()).isEqualTo(8 * parameters);
        assertThat(json.at("/memoryBytesByPart/parameters").asLong()).isEqualTo(4 * parameters);
        assertThat(json.at("/memoryBytesByPart/activations").asLong()).isPositive();
        assertThat(inspect(name)).startsWith(name).contains("model.layers.*.self_attn.q_proj.weight");
    }

    private static long sum(JsonNode parts) {
        long sum = 0;
        for (JsonNode part : parts) {
            sum += part.asLong();
        }
        return sum;
    }

    private static long shapes(JsonNode json) {
        long sum = 0;
        for (JsonNode tensors : json.path("shapes")) {
            long elements = tensors.path("times").asLong();
            for (JsonNode dimension : tensors.path("shape")) {
                elements *= dimension.asLong();
            }
            sum += elements;
        }
        return sum;
    }

    /** 24 layers of a gate of 4096 x 2048 beside the 15,577,227,264 parameters of the baseline; 120 experts of 128 idle. */
    @Test
    void aRowIsThePapersModel() throws IOException {
        JsonNode json = json("table1-05-sdpa-elementwise", "--json");

        assertThat(json.path("parameters").asLong()).isEqualTo(15_577_227_264L + 201_326_592L);
        assertThat(json.path("addedParameters").asLong()).isEqualTo(201_326_592L);
        assertThat(json.path("activeParameters").asLong()).isEqualTo(1_987_682_304L + 201_326_592L);
        assertThat(json.path("sequenceLength").asInt()).isEqualTo(4096);
        // Without the embedding of 151,936 x 2048 and the norms.
        long multiplied = 1_987_682_304L + 201_326_592L - 311_164_928L - 24 * (2 * 2048 + 2 * 128) - 2048;
        assertThat(json.path("flopsPerToken").asLong()).isEqualTo(6 * multiplied + 6L * 24 * 4096 * 4096);
        assertThat(json.at("/paper/variant").asText()).isEqualTo("sdpa-elementwise");
        assertThat(inspect("table1-05-sdpa-elementwise").replaceAll(" +", " "))
                .contains("model.layers.*.self_attn.gate_proj.weight [4096, 2048] 8,388,608 24 201,326,592")
                .contains("model.layers.*.mlp.experts.up_proj.weight [128, 768, 2048] 201,326,592 24 4,831,838,208")
                .contains("met by one token 2,189,008,896")
                .contains("added to the preset +201,326,592");
    }

    @ParameterizedTest
    @ValueSource(strings = {"medium", "small", "tiny"})
    void aScaleIsASmallerModel(String scale) throws IOException {
        JsonNode json = json("table2-02-sdpa-elementwise-4.0e-3", "--json", "--scale", scale);

        assertThat(json.path("parameters").asLong())
                .isEqualTo(Catalogue.row("table2-02-sdpa-elementwise-4.0e-3")
                        .model(ModelScale.named(scale))
                        .parameters());
        assertThat(json.at("/model/of").asText()).isEqualTo("dense-1.7b-28l, " + scale);
    }

    @Test
    void aVariantIsOneOfAnyPreset() throws IOException {
        JsonNode json = json("sdpa-headwise", "--json", "--preset", "dense-1.7b-48l", "--length", "100");

        assertThat(json.at("/model/of").asText()).isEqualTo("dense-1.7b-48l, full");
        assertThat(json.at("/model/modifiers/0").asText()).isEqualTo("sdpa_output headwise");
        assertThat(json.at("/model/ffn").asInt()).isEqualTo(4600);
        assertThat(json.at("/flopsPerTokenByPart/attention").asLong()).isEqualTo(6L * 48 * 100 * 2048);
        assertThat(inspect("sdpa-headwise", "--preset", "dense-1.7b-48l")).contains("narrowed from 4608");
    }

    @Test
    void whatIsNotThereIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> inspect("table1-05-sdpa-elementwis"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("'table1-05-sdpa-elementwis' is neither a folder nor the name of a model;"
                        + " did you mean 'table1-05-sdpa-elementwise' or ");
        assertThatThrownBy(() -> inspect("tiny", "--scale", "smal"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("did you mean 'small'?");
        assertThatThrownBy(() -> inspect("bench", "--scale", "small")).hasMessageContaining("one size only");
        assertThatThrownBy(() -> inspect("baseline", "--preset", "dense"))
                .hasMessageContaining("no model preset 'dense'");
        assertThatThrownBy(() -> inspect("more-experts", "--preset", "tiny")).hasMessageContaining("this one is dense");
        assertThatThrownBy(() -> inspect("tiny", "--length", "0")).hasMessageContaining("--length is 0");
        assertThatThrownBy(() -> inspect()).hasMessageContaining("--list");
    }

    private static JsonNode json(String... arguments) throws IOException {
        String line = inspect(arguments).strip();
        assertThat(line).doesNotContain("\n");
        return new ObjectMapper().readTree(line);
    }

    /** What the command prints; what it throws is thrown. */
    private static String inspect(String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
        List<RuntimeException> thrown = new ArrayList<>();
        int exit = new CommandLine(new InspectCommand(new Console(stream, stream, false)))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    thrown.add((RuntimeException) failure);
                    return 1;
                })
                .execute(arguments);
        if (!thrown.isEmpty()) {
            throw thrown.get(0);
        }
        assertThat(exit).isZero();
        return output.toString(StandardCharsets.UTF_8);
    }
}

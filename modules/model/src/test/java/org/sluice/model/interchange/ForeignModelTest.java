package org.sluice.model.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.model.Presets;
import org.sluice.model.RandomModels;
import org.sluice.model.RopeConfig;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.SafetensorsReader;
import org.sluice.model.checkpoint.SafetensorsTensor;
import org.sluice.model.checkpoint.SafetensorsType;
import org.sluice.model.checkpoint.StoredModel;

class ForeignModelTest {
    private static final List<SafetensorsType> TYPES =
            List.of(SafetensorsType.F32, SafetensorsType.BF16, SafetensorsType.F16);
    private static final DecoderConfig DENSE = Presets.TINY
            .change()
            .layers(2)
            .hidden(10)
            .heads(4)
            .kvHeads(2)
            .headDim(6)
            .ffn(14)
            .vocabulary(19)
            .build();
    private static final DecoderConfig GATED = DENSE.withModifiers(GateConfig.SDPA_ELEMENTWISE);
    private static final DecoderConfig MIXTURE =
            DENSE.change().mixture(MixtureConfig.of(3, 2)).tiedEmbedding(false).build();

    private final Configuration hadoop = new Configuration();

    @TempDir
    Path temporary;

    private org.apache.hadoop.fs.Path path(String name) {
        return new org.apache.hadoop.fs.Path(temporary.resolve(name).toUri());
    }

    private ForeignModelWriter.Written export(
            DecoderConfig model,
            float[] parameters,
            ForeignFormat format,
            SafetensorsType type,
            long fileBytes,
            String to)
            throws IOException {
        Checkpoint checkpoint = StoredModel.write(temporary.resolve("checkpoint-" + to), model, parameters);
        Files.createDirectory(temporary.resolve(to));
        ForeignModelWriter writer = new ForeignModelWriter(hadoop, path(to), format, type, fileBytes);
        ForeignModelWriter.Written written = writer.writeWeights(checkpoint, done -> {});
        writer.writeConfig(model, 64, OptionalInt.of(18));
        return written;
    }

    private static float[] parametersOf(ForeignModel foreign) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(foreign.model().parameters() * Float.BYTES));
        foreign.readParameters(0, bytes);
        return StoredModel.floats(bytes.flip());
    }

    /** What the files give back: numbers rounded to their type, those of Qwen3-Next's norms after 1 was taken off. */
    private static float[] expected(
            DecoderConfig model, float[] parameters, ForeignFormat format, SafetensorsType type) {
        ParameterLayout layout = ParameterLayout.of(model);
        float[] expected = new float[parameters.length];
        for (int i = 0; i < expected.length; i++) {
            boolean lessOne =
                    format == ForeignFormat.QWEN3_NEXT && layout.at(i).shape().rank() == 1;
            expected[i] = lessOne
                    ? (float) (1.0 + NumberCodec.rounded(type, (float) (parameters[i] - 1.0)))
                    : NumberCodec.rounded(type, parameters[i]);
        }
        return expected;
    }

    static Stream<DecoderConfig> models() {
        return Stream.concat(
                RandomModels.all(),
                Stream.of(
                        GATED,
                        DENSE.withModifiers(GateConfig.SDPA_HEADWISE),
                        GATED.change().kvHeads(4).build(),
                        GATED.change().kvHeads(1).build(),
                        MIXTURE,
                        MIXTURE.withModifiers(GateConfig.SDPA_ELEMENTWISE),
                        MIXTURE.withModifiers(GateConfig.SDPA_HEADWISE)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyFormatThatCanExpressAModelGivesItBackBitForBit(DecoderConfig model) throws IOException {
        float[] parameters = StoredModel.parameters(model, 5);
        for (ForeignFormat format : ForeignFormat.values()) {
            if (format.refusal(model).isPresent()) {
                continue;
            }
            for (SafetensorsType type : TYPES) {
                String to = format + "-" + type;
                ForeignModelWriter.Written written = export(model, parameters, format, type, Long.MAX_VALUE, to);
                assertThat(written.files()).containsExactly("model.safetensors");
                assertThat(written.roundedNorms()).isZero();
                try (ForeignModel foreign = ForeignModel.open(hadoop, path(to))) {
                    assertThat(foreign.model()).as(to).isEqualTo(model);
                    assertThat(foreign.format()).isEqualTo(format);
                    assertThat(foreign.types()).containsExactly(type);
                    assertThat(parametersOf(foreign)).as(to).isEqualTo(expected(model, parameters, format, type));
                }
            }
            assertThat(expected(model, parameters, format, SafetensorsType.F32)).isEqualTo(parameters);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void thePiecesOfAllTensorsAreTheFlatSpaceOnce(DecoderConfig model) {
        for (ForeignFormat format : ForeignFormat.values()) {
            if (format.refusal(model).isPresent()) {
                continue;
            }
            int[] covered = new int[Math.toIntExact(model.parameters())];
            for (ForeignTensor tensor : TensorMap.of(model, format)) {
                long elements = 0;
                for (TensorPiece piece : tensor.pieces()) {
                    elements += piece.elements();
                    for (long at = piece.fromElement(); at < piece.toElement(); at++) {
                        covered[(int) at]++;
                    }
                }
                boolean zeros = tensor.content() == ForeignTensor.Content.ZEROS;
                assertThat(elements)
                        .as(tensor.name())
                        .isEqualTo(zeros ? 0 : tensor.shape().elements());
            }
            assertThat(covered).containsOnly(1);
        }
    }

    /** The rows of a matrix of the flat space. */
    private static List<float[]> rows(DecoderConfig model, float[] parameters, String name) {
        Parameter parameter = ParameterLayout.of(model).named(name);
        int width = (int) parameter.shape().dimension(-1);
        return IntStream.range(0, (int) (parameter.elements() / width))
                .mapToObj(row -> Arrays.copyOfRange(
                        parameters,
                        (int) parameter.offset() + row * width,
                        (int) parameter.offset() + (row + 1) * width))
                .toList();
    }

    private List<float[]> rowsOfFile(String folder, String name) throws IOException {
        try (SafetensorsReader reader =
                SafetensorsReader.open(hadoop, new org.apache.hadoop.fs.Path(path(folder), "model.safetensors"))) {
            SafetensorsTensor tensor = reader.header().tensors().stream()
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            ByteBuffer bytes = ByteBuffer.allocate((int) tensor.length());
            reader.read(tensor.begin(), bytes);
            float[] numbers = StoredModel.floats(bytes.flip());
            int width = (int) tensor.shape().dimension(-1);
            List<float[]> rows = new ArrayList<>();
            for (int at = 0; at < numbers.length; at += width) {
                rows.add(Arrays.copyOfRange(numbers, at, at + width));
            }
            return rows;
        }
    }

    /** Four query heads of six rows, two to a key/value head: where each of their rows lies, spelt out. */
    @Test
    void theRowsOfQueriesAndGateLieAsTheFormatsSay() throws IOException {
        String query = "model.layers.1.self_attn.q_proj.weight";
        String gate = "model.layers.1.self_attn.gate_proj.weight";
        float[] parameters = StoredModel.parameters(GATED, 6);
        List<float[]> q = rows(GATED, parameters, query);
        List<float[]> g = rows(GATED, parameters, gate);
        export(GATED, parameters, ForeignFormat.QWEN3, SafetensorsType.F32, Long.MAX_VALUE, "group");
        export(GATED, parameters, ForeignFormat.QWEN3_NEXT, SafetensorsType.F32, Long.MAX_VALUE, "head");
        export(GATED, parameters, ForeignFormat.SLUICE, SafetensorsType.F32, Long.MAX_VALUE, "separate");

        List<float[]> perGroup = Stream.of(q.subList(0, 12), g.subList(0, 12), q.subList(12, 24), g.subList(12, 24))
                .flatMap(List::stream)
                .toList();
        assertThat(rowsOfFile("group", query))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(perGroup);
        List<float[]> perHead = IntStream.range(0, 4)
                .boxed()
                .flatMap(head -> Stream.concat(
                        q.subList(6 * head, 6 * head + 6).stream(), g.subList(6 * head, 6 * head + 6).stream()))
                .toList();
        assertThat(rowsOfFile("head", query))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(perHead);
        assertThat(rowsOfFile("separate", query))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(q);
        assertThat(rowsOfFile("separate", gate))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(g);

        DecoderConfig headwise = DENSE.withModifiers(GateConfig.SDPA_HEADWISE);
        float[] others = StoredModel.parameters(headwise, 7);
        export(headwise, others, ForeignFormat.QWEN3, SafetensorsType.F32, Long.MAX_VALUE, "headwise");
        List<float[]> wise = Stream.of(
                        rows(headwise, others, query).subList(0, 12),
                        rows(headwise, others, gate).subList(0, 2),
                        rows(headwise, others, query).subList(12, 24),
                        rows(headwise, others, gate).subList(2, 4))
                .flatMap(List::stream)
                .toList();
        assertThat(rowsOfFile("headwise", query))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(wise);
    }

    @Test
    void normsThatDoNotSurviveBeingStoredLessOneAreCounted() throws IOException {
        float[] parameters = StoredModel.parameters(GATED, 8);
        int norm = (int) ParameterLayout.of(GATED).named("model.norm.weight").offset();
        parameters[norm] = 0.1f;
        parameters[norm + 1] = 1e-20f;
        parameters[norm + 2] = 0.25f;
        parameters[norm + 3] = -3.1f;

        ForeignModelWriter.Written written =
                export(GATED, parameters, ForeignFormat.QWEN3_NEXT, SafetensorsType.F32, Long.MAX_VALUE, "next");

        assertThat(written.roundedNorms()).isEqualTo(2);
        try (ForeignModel foreign = ForeignModel.open(hadoop, path("next"))) {
            float[] read = parametersOf(foreign);
            assertThat(read[norm]).isNotEqualTo(0.1f).isCloseTo(0.1f, within(3e-8f));
            assertThat(read[norm + 1]).isZero();
            assertThat(read[norm + 2]).isEqualTo(0.25f);
            assertThat(read[norm + 3]).isEqualTo(-3.1f);
        }
    }

    @Test
    void aModelIsDividedIntoFilesWithAnIndex() throws IOException {
        DecoderConfig model = MIXTURE.withModifiers(GateConfig.SDPA_ELEMENTWISE);
        float[] parameters = StoredModel.parameters(model, 9);
        ForeignModelWriter.Written written =
                export(model, parameters, ForeignFormat.QWEN3_NEXT, SafetensorsType.BF16, 1500, "divided");

        int files = written.files().size();
        assertThat(files).isGreaterThan(4);
        assertThat(written.files().get(0)).isEqualTo("model-00001-of-%05d.safetensors".formatted(files));
        JsonNode index = new ObjectMapper()
                .readTree(temporary
                        .resolve("divided/model.safetensors.index.json")
                        .toFile());
        assertThat(index.path("metadata").path("total_size").asLong()).isLessThan(written.bytes());
        assertThat(index.path("weight_map").path("model.embed_tokens.weight").asText())
                .isEqualTo(written.files().get(0));
        try (ForeignModel foreign = ForeignModel.open(hadoop, path("divided"))) {
            assertThat(foreign.files()).hasSize(files);
            float[] expected = expected(model, parameters, ForeignFormat.QWEN3_NEXT, SafetensorsType.BF16);
            assertThat(parametersOf(foreign)).isEqualTo(expected);
            for (int from : new int[] {0, 1, 188, 1000, parameters.length - 3}) {
                ByteBuffer three = ByteBuffer.allocate(12);
                foreign.readParameters(from, three);
                assertThat(StoredModel.floats(three.flip())).isEqualTo(Arrays.copyOfRange(expected, from, from + 3));
            }
            assertThatThrownBy(() -> foreign.readParameters(parameters.length - 2, ByteBuffer.allocate(12)))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("are not inside the flat space of " + parameters.length + " elements");
        }
    }

    @Test
    void aCheckpointIsMadeOfIt() throws IOException {
        float[] parameters = StoredModel.parameters(GATED, 10);
        export(GATED, parameters, ForeignFormat.QWEN3, SafetensorsType.F16, 2000, "files");
        CheckpointWriter writer = new CheckpointWriter(hadoop, path("imported"));
        try (ForeignModel foreign = ForeignModel.open(hadoop, path("files"))) {
            ForeignModelImport.write(
                    hadoop,
                    foreign,
                    writer,
                    List.of(CheckpointWriter.writeFile(
                            hadoop, writer.folder(), "tokenizer.json", stream -> stream.write('{'))),
                    JsonNodeFactory.instance.objectNode().put("from", "somewhere"),
                    done -> {});
        }
        Checkpoint imported = Checkpoint.open(hadoop, path("imported"));
        assertThat(imported.model()).isEqualTo(GATED);
        assertThat(StoredModel.read(imported))
                .isEqualTo(expected(GATED, parameters, ForeignFormat.QWEN3, SafetensorsType.F16));
        assertThat(imported.payload().path("from").asText()).isEqualTo("somewhere");
        assertThat(imported.open("tokenizer.json").readAllBytes()).containsExactly('{');
    }

    @Test
    void aNumberThatIsTooLargeForTheTypeIsRefusedByItsTensor() throws IOException {
        float[] parameters = StoredModel.parameters(DENSE, 11);
        parameters[3] = 70_000f;
        assertThatThrownBy(() ->
                        export(DENSE, parameters, ForeignFormat.QWEN3, SafetensorsType.F16, Long.MAX_VALUE, "half"))
                .hasMessage(
                        "model.embed_tokens.weight has the number 70000.0, which is too large for F16; export in F32 or BF16");
        parameters[3] = Float.MAX_VALUE;
        assertThatThrownBy(() ->
                        export(DENSE, parameters, ForeignFormat.QWEN3, SafetensorsType.BF16, Long.MAX_VALUE, "brain"))
                .hasMessageContaining("too large for BF16; export in F32");
        assertThatThrownBy(() -> new ForeignModelWriter(
                        hadoop, path("x"), ForeignFormat.QWEN3, SafetensorsType.F64, Long.MAX_VALUE))
                .hasMessage("weights are written in F32, BF16 or F16, not in F64");
    }

    @Test
    void theFormatWithTheMostReadersIsTaken() {
        assertThat(ForeignFormat.of(DENSE, Optional.empty())).isEqualTo(ForeignFormat.QWEN3);
        assertThat(ForeignFormat.of(GATED, Optional.empty())).isEqualTo(ForeignFormat.QWEN3);
        assertThat(ForeignFormat.of(GATED, Optional.of(GateLayout.PER_HEAD))).isEqualTo(ForeignFormat.QWEN3_NEXT);
        assertThat(ForeignFormat.of(GATED, Optional.of(GateLayout.SEPARATE))).isEqualTo(ForeignFormat.SLUICE);
        assertThat(ForeignFormat.of(MIXTURE, Optional.empty())).isEqualTo(ForeignFormat.QWEN3_MOE);
        assertThat(ForeignFormat.of(MIXTURE.withModifiers(GateConfig.SDPA_ELEMENTWISE), Optional.empty()))
                .isEqualTo(ForeignFormat.QWEN3_NEXT);
        assertThat(ForeignFormat.of(MIXTURE.withModifiers(GateConfig.SDPA_HEADWISE), Optional.empty()))
                .isEqualTo(ForeignFormat.SLUICE);
        assertThatThrownBy(() -> ForeignFormat.of(
                        MIXTURE.withModifiers(GateConfig.SDPA_HEADWISE), Optional.of(GateLayout.PER_GROUP)))
                .hasMessageStartingWith(
                        "no format with the gate layout per-group can express this model (Hugging Face's Qwen3"
                                + " and the gated Qwen3 of the paper's authors: it is for dense models, and this one has experts;"
                                + " Hugging Face's Qwen3-MoE: it has no gate, and this model has one")
                .hasMessageEndingWith("; separate can");
        assertThatThrownBy(() -> ForeignFormat.of(DENSE, Optional.of(GateLayout.PER_HEAD)))
                .hasMessageContaining("has the gate sdpa_output elementwise, and this model has none")
                .hasMessageEndingWith("; per-group or separate can");
        assertThat(GateLayout.named("per-head")).isEqualTo(GateLayout.PER_HEAD);
        assertThatThrownBy(() -> GateLayout.named("per_head"))
                .hasMessage("there is no gate layout 'per_head'; there are: per-group, per-head, separate");
    }

    @Test
    void theConfigurationIsThatOfTheFormatsReaders() throws IOException {
        DecoderConfig extended = GATED.change()
                .rope(new RopeConfig(1e6, RopeConfig.Yarn.of(4, 64)))
                .build();
        JsonNode authors = config(extended, ForeignFormat.QWEN3);
        assertThat(authors.path("architectures").path(0).asText()).isEqualTo("Qwen3ForCausalLM");
        assertThat(authors.path("elementwise_attn_output_gate").asBoolean()).isTrue();
        assertThat(authors.path("headwise_attn_output_gate").isBoolean()).isTrue();
        assertThat(authors.path("attn_output_gate_layout").asText()).isEqualTo("per_group");
        assertThat(authors.path("max_position_embeddings").asInt()).isEqualTo(256);
        assertThat(authors.path("rope_scaling").path("factor").isDouble()).isTrue();
        assertThat(authors.path("torch_dtype").asText()).isEqualTo("bfloat16");
        assertThat(authors.path("eos_token_id").asInt()).isEqualTo(18);
        assertThat(authors.has("attention_modifiers")).isFalse();

        JsonNode plain = config(DENSE, ForeignFormat.QWEN3);
        assertThat(plain.path("elementwise_attn_output_gate").isBoolean())
                .as("always written")
                .isTrue();
        assertThat(plain.path("elementwise_attn_output_gate").asBoolean()).isFalse();
        assertThat(plain.path("max_position_embeddings").asInt()).isEqualTo(64);

        JsonNode next = config(MIXTURE.withModifiers(GateConfig.SDPA_ELEMENTWISE), ForeignFormat.QWEN3_NEXT);
        assertThat(next.path("model_type").asText()).isEqualTo("qwen3_next");
        assertThat(next.path("layer_types")).hasSize(2).allMatch(layer -> layer.asText()
                .equals("full_attention"));
        assertThat(next.path("partial_rotary_factor").asDouble()).isEqualTo(1);
        assertThat(next.path("num_experts").asInt()).isEqualTo(3);
        assertThat(next.path("shared_expert_intermediate_size").asInt()).isEqualTo(8);

        assertThat(config(GATED, ForeignFormat.QWEN3_NEXT).path("num_experts").asInt(-1))
                .isZero();
        assertThat(config(GATED, ForeignFormat.SLUICE).path("model_type").asText())
                .as("no reader of Qwen3 takes it for one")
                .isEqualTo("sluice");
    }

    private static JsonNode config(DecoderConfig model, ForeignFormat format) throws IOException {
        return new ObjectMapper()
                .readTree(ForeignConfig.write(model, format, SafetensorsType.BF16, 64, OptionalInt.of(18)));
    }
}

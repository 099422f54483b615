package org.sluice.model.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.Presets;
import org.sluice.model.RopeConfig;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointCorruptException;
import org.sluice.model.checkpoint.CheckpointFormatException;
import org.sluice.model.checkpoint.SafetensorsType;
import org.sluice.model.checkpoint.StoredModel;

/** Folders that are no model, or whose files contradict each other. */
class ForeignInputTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DecoderConfig PLAIN = Presets.TINY
            .change()
            .layers(2)
            .hidden(8)
            .heads(4)
            .kvHeads(2)
            .headDim(4)
            .ffn(12)
            .vocabulary(19)
            .tiedEmbedding(false)
            .build();
    private static final DecoderConfig GATED = PLAIN.withModifiers(GateConfig.SDPA_ELEMENTWISE);
    private static final DecoderConfig TIED = PLAIN.change().tiedEmbedding(true).build();
    private static final DecoderConfig MIXTURE =
            GATED.change().mixture(MixtureConfig.of(3, 2)).build();

    private final Configuration hadoop = new Configuration();

    @TempDir
    Path temporary;

    private Path export(DecoderConfig model, ForeignFormat format, long fileBytes) throws IOException {
        Path folder = Files.createTempDirectory(temporary, "model");
        Checkpoint checkpoint =
                StoredModel.write(folder.resolve("checkpoint"), model, StoredModel.parameters(model, 3));
        ForeignModelWriter writer = new ForeignModelWriter(
                hadoop, new org.apache.hadoop.fs.Path(folder.toUri()), format, SafetensorsType.F32, fileBytes);
        writer.writeWeights(checkpoint, done -> {});
        writer.writeConfig(model, 64, OptionalInt.empty());
        return folder;
    }

    private ForeignModel open(Path folder) throws IOException {
        return ForeignModel.open(hadoop, new org.apache.hadoop.fs.Path(folder.toUri()));
    }

    private void assertRefused(Path folder, String... reasons) {
        assertThatThrownBy(() -> open(folder).close())
                .isInstanceOfAny(CheckpointFormatException.class, CheckpointCorruptException.class)
                .satisfies(refused -> assertThat(refused.getMessage()).contains(reasons));
    }

    private static void changeConfig(Path folder, Consumer<ObjectNode> change) throws IOException {
        Path file = folder.resolve("config.json");
        ObjectNode root = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(root);
        Files.write(file, JSON.writeValueAsBytes(root));
    }

    private void assertConfigRefused(
            DecoderConfig model, ForeignFormat format, Consumer<ObjectNode> change, String... reasons)
            throws IOException {
        Path folder = export(model, format, Long.MAX_VALUE);
        changeConfig(folder, change);
        assertRefused(folder, reasons);
    }

    /** Rewrites a file's header. */
    private static void changeHeader(Path file, Consumer<ObjectNode> change) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong();
        ObjectNode root = (ObjectNode) JSON.readTree(new String(bytes.array(), 8, length, StandardCharsets.UTF_8));
        change.accept(root);
        byte[] json = JSON.writeValueAsBytes(root);
        ByteBuffer changed = ByteBuffer.allocate(8 + json.length + bytes.capacity() - 8 - length)
                .order(ByteOrder.LITTLE_ENDIAN);
        changed.putLong(json.length).put(json).put(bytes.array(), 8 + length, bytes.capacity() - 8 - length);
        Files.write(file, changed.array());
    }

    @Test
    void aFolderThatIsNoModelIsRefusedInWords() throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("empty"));
        assertRefused(folder, "is no model as Hugging Face writes it: it has no config.json");
        Path weightless = export(PLAIN, ForeignFormat.QWEN3, Long.MAX_VALUE);
        Files.delete(weightless.resolve("model.safetensors"));
        assertRefused(
                weightless,
                "has neither model.safetensors nor model.safetensors.index.json",
                "must be saved as safetensors first");
        Path text = export(PLAIN, ForeignFormat.QWEN3, Long.MAX_VALUE);
        Files.writeString(text.resolve("config.json"), "[1, 2]");
        assertRefused(text, "config.json is not a JSON object");
        Files.writeString(text.resolve("config.json"), "{\"model_type\":");
        assertRefused(text, "config.json is not JSON");
    }

    @Test
    void truncatedFilesAreRefused() throws IOException {
        Path folder = export(PLAIN, ForeignFormat.QWEN3, Long.MAX_VALUE);
        Path file = folder.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {0, 4, 8, 100, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertRefused(folder, "model.safetensors is damaged");
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        assertRefused(folder, "model.safetensors is damaged", "bytes of data");
    }

    @Test
    void headersThatLieAreRefused() throws IOException {
        Path folder = export(PLAIN, ForeignFormat.QWEN3, Long.MAX_VALUE);
        Path file = folder.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        String norm = "model.norm.weight";
        changeHeader(file, root -> ((ObjectNode) root.get(norm))
                .putArray("data_offsets")
                .add(0)
                .add(32));
        assertRefused(folder, "overlaps the one before it");
        Files.write(file, whole);
        changeHeader(
                file, root -> ((ObjectNode) root.get(norm)).putArray("shape").add(1L << 40));
        assertRefused(folder, norm, "takes 4398046511104 bytes");
        Files.write(file, whole);
        changeHeader(file, root -> ((ObjectNode) root.get(norm)).put("dtype", "Q4"));
        assertRefused(folder, norm, "the type 'Q4', which Sluice does not read");
        Files.write(file, whole);
        changeHeader(file, root -> ((ObjectNode) root.get(norm)).put("dtype", "I32"));
        assertRefused(folder, norm, "is I32; weights are read from F32, BF16 and F16");
        ByteBuffer length = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
        length.putLong(0, Long.MAX_VALUE);
        Files.write(file, length.array());
        assertRefused(folder, "its header would have 9223372036854775807 bytes");
    }

    @Test
    void missingExtraAndMisshapenTensorsAreNamed() throws IOException {
        Path folder = export(PLAIN, ForeignFormat.QWEN3, Long.MAX_VALUE);
        Path file = folder.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        String key = "model.layers.1.self_attn.k_norm.weight";
        changeHeader(file, root -> root.set("other", root.remove(key)));
        assertRefused(folder, "do not have the tensor " + key);
        Files.write(file, whole);
        changeHeader(file, root -> {
            ObjectNode shape = (ObjectNode) root.get("model.layers.0.mlp.up_proj.weight");
            shape.putArray("shape").add(8).add(12);
        });
        assertRefused(folder, "model.layers.0.mlp.up_proj.weight", "has the shape [8, 12]", "config.json has [12, 8]");
        Files.write(file, whole);
        changeConfig(folder, root -> root.put("tie_word_embeddings", true));
        assertRefused(folder, "tie_word_embeddings true, but lm_head.weight differs from model.embed_tokens.weight");

        Path gated = export(GATED, ForeignFormat.SLUICE, Long.MAX_VALUE);
        Files.copy(
                export(PLAIN, ForeignFormat.SLUICE, Long.MAX_VALUE).resolve("config.json"),
                gated.resolve("config.json"),
                StandardCopyOption.REPLACE_EXISTING);
        assertRefused(
                gated,
                "have 2 tensors that the model of",
                "does not have, such as model.layers.0.self_attn.gate_proj.weight");
    }

    @Test
    void aTiedClassifierMayBeThereTwice() throws IOException {
        Path folder = export(PLAIN, ForeignFormat.QWEN3, Long.MAX_VALUE);
        Path file = folder.resolve("model.safetensors");
        changeConfig(folder, root -> root.put("tie_word_embeddings", true));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int data = 8 + (int) bytes.getLong(0);
        ObjectNode header = (ObjectNode) JSON.readTree(new String(bytes.array(), 8, data - 8, StandardCharsets.UTF_8));
        int embedding = header.at("/model.embed_tokens.weight/data_offsets/0").asInt();
        int classifier = header.at("/lm_head.weight/data_offsets/0").asInt();
        // Two names for the same bytes would overlap, so the copy takes the place of the classifier's own.
        System.arraycopy(bytes.array(), data + embedding, bytes.array(), data + classifier, 19 * 8 * 4);
        Files.write(file, bytes.array());

        try (ForeignModel foreign = open(folder)) {
            assertThat(foreign.model()).isEqualTo(TIED);
        }
    }

    @Test
    void aConfigurationThatContradictsTheWeightsIsRefusedBeforeAnythingIsLaidOut() throws IOException {
        assertConfigRefused(
                PLAIN,
                ForeignFormat.QWEN3,
                root -> root.put("num_hidden_layers", 2_000_000_000),
                "num_hidden_layers 2000000000, but the tensors are of a model with 2");
        assertConfigRefused(
                MIXTURE,
                ForeignFormat.QWEN3_NEXT,
                root -> root.put("num_experts", 2_000_000_000),
                "num_experts 2000000000, but the tensors are of a model with 3");
        assertConfigRefused(
                GATED,
                ForeignFormat.QWEN3,
                root -> root.put("num_attention_heads", 1_000_000_000).put("num_key_value_heads", 1_000_000_000),
                "num_attention_heads 1000000000, but model.layers.0.self_attn.q_proj.weight has the shape [32, 8]");
        assertConfigRefused(
                PLAIN, ForeignFormat.QWEN3, root -> root.put("hidden_size", 2_000_000_000), "has the shape [19, 8]");
        assertConfigRefused(
                PLAIN,
                ForeignFormat.QWEN3,
                root -> root.put("head_dim", 2_000_000_000),
                "more than 2^63 - 1 parameters");
        assertConfigRefused(
                GATED,
                ForeignFormat.QWEN3,
                root -> root.put("elementwise_attn_output_gate", false).remove("attn_output_gate_layout"),
                "model.layers.0.self_attn.q_proj.weight",
                "has the shape [32, 8]",
                "has [16, 8]",
                "does the configuration miss a gate?");
    }

    @Test
    void stockConfigurationsNeedNotSayThatThereIsNoGate() throws IOException {
        Path folder = export(PLAIN, ForeignFormat.QWEN3, Long.MAX_VALUE);
        changeConfig(folder, root -> {
            root.remove(List.of(
                    "elementwise_attn_output_gate",
                    "headwise_attn_output_gate",
                    "use_qk_norm",
                    "qkv_bias",
                    "use_sliding_window",
                    "initializer_range"));
            root.put("sliding_window", 4096).put("transformers_version", "4.51.0");
        });
        try (ForeignModel foreign = open(folder)) {
            assertThat(foreign.model()).isEqualTo(PLAIN);
        }
    }

    @Test
    void bothSpellingsOfRotaryEmbeddingsAreRead() throws IOException {
        DecoderConfig extended = PLAIN.change()
                .rope(new RopeConfig(5e5, RopeConfig.Yarn.of(4, 64)))
                .build();
        Path folder = export(extended, ForeignFormat.QWEN3, Long.MAX_VALUE);
        changeConfig(folder, root -> {
            ObjectNode scaling = (ObjectNode) root.remove("rope_scaling");
            scaling.remove("beta_fast");
            scaling.remove("beta_slow");
            scaling.set("rope_theta", root.remove("rope_theta"));
            root.set("rope_parameters", scaling);
        });
        try (ForeignModel foreign = open(folder)) {
            assertThat(foreign.model()).isEqualTo(extended);
        }
        changeConfig(folder, root -> {
            ObjectNode rope = (ObjectNode) root.get("rope_parameters");
            rope.remove("original_max_position_embeddings");
            root.put("max_position_embeddings", 64);
        });
        try (ForeignModel foreign = open(folder)) {
            assertThat(foreign.model()).isEqualTo(extended);
        }
        changeConfig(folder, root -> root.putObject("rope_parameters")
                .put("rope_type", "default")
                .put("rope_theta", 5e5));
        try (ForeignModel foreign = open(folder)) {
            assertThat(foreign.model().rope()).isEqualTo(RopeConfig.of(5e5));
        }
    }

    @Test
    void whatSluiceDoesNotHaveIsRefusedByKeyAndValue() throws IOException {
        ForeignFormat qwen = ForeignFormat.QWEN3;
        assertConfigRefused(
                PLAIN,
                qwen,
                root -> root.put("model_type", "llama"),
                "has model_type \"llama\", which cannot be imported; expected one of qwen3, qwen3_moe, qwen3_next, sluice");
        assertConfigRefused(PLAIN, qwen, root -> root.remove("model_type"), "has no model_type");
        assertConfigRefused(
                PLAIN, qwen, root -> root.put("attention_bias", true), "attention_bias true", "expected false");
        assertConfigRefused(PLAIN, qwen, root -> root.put("use_sliding_window", true), "use_sliding_window true");
        assertConfigRefused(PLAIN, qwen, root -> root.put("use_qk_norm", false), "use_qk_norm 'false'");
        assertConfigRefused(PLAIN, qwen, root -> root.put("hidden_act", "relu"), "hidden_act 'relu'");
        assertConfigRefused(PLAIN, qwen, root -> root.remove("head_dim"), "does not have head_dim");
        assertConfigRefused(
                PLAIN,
                qwen,
                root -> root.putObject("rope_scaling").put("rope_type", "llama3"),
                "rope_scaling {\"rope_type\":\"llama3\"}",
                "expected the rope_type default or yarn");
        assertConfigRefused(
                PLAIN,
                qwen,
                root -> yarn(root).put("mscale", 0.7),
                "expected no key 'mscale', which Sluice's YaRN does not have");
        assertConfigRefused(
                PLAIN,
                qwen,
                root -> yarn(root).put("attention_factor", 1.0),
                "the attention_factor 0.1 ln(factor) + 1");
        assertConfigRefused(PLAIN, qwen, root -> yarn(root).put("truncate", false), "expected truncate true");
        assertConfigRefused(PLAIN, qwen, root -> yarn(root).remove("factor"), "does not have factor");
        assertConfigRefused(
                GATED,
                qwen,
                root -> root.put("attn_output_gate_layout", "separate"),
                "attn_output_gate_layout \"separate\"",
                "expected per_group");
        assertConfigRefused(
                GATED,
                qwen,
                root -> root.put("headwise_attn_output_gate", true),
                "has both elementwise_attn_output_gate and headwise_attn_output_gate");
        assertConfigRefused(
                MIXTURE,
                ForeignFormat.SLUICE,
                root -> root.put("experts_layout", "stacked"),
                "experts_layout \"stacked\"",
                "expected split");
        assertConfigRefused(
                MIXTURE,
                ForeignFormat.QWEN3_NEXT,
                root -> root.put("shared_expert_intermediate_size", 512),
                "shared_expert_intermediate_size 512");
        assertConfigRefused(
                MIXTURE,
                ForeignFormat.QWEN3_NEXT,
                root -> root.putArray("layer_types").add("linear_attention").add("full_attention"),
                "Sluice has no linear attention");
        assertConfigRefused(
                MIXTURE, ForeignFormat.QWEN3_NEXT, root -> root.remove("layer_types"), "has no layer_types");
        assertConfigRefused(
                MIXTURE,
                ForeignFormat.QWEN3_NEXT,
                root -> root.put("partial_rotary_factor", 0.25),
                "partial_rotary_factor 0.25");
        assertConfigRefused(
                PLAIN.change().mixture(MixtureConfig.of(3, 2)).build(),
                ForeignFormat.QWEN3_MOE,
                root -> root.put("headwise_attn_output_gate", true),
                "headwise_attn_output_gate true, which cannot be imported");
    }

    private static ObjectNode yarn(ObjectNode root) {
        return root.putObject("rope_scaling")
                .put("rope_type", "yarn")
                .put("factor", 4.0)
                .put("original_max_position_embeddings", 64);
    }

    @Test
    void aSharedExpertThatDoesSomethingIsRefused() throws IOException {
        Path folder = export(MIXTURE, ForeignFormat.QWEN3_NEXT, Long.MAX_VALUE);
        Path file = folder.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] = 0x3f;
        Files.write(file, bytes);
        assertRefused(folder, "model.layers.1.mlp.shared_expert_gate.weight", "is not zero: a shared expert");
    }

    @Test
    void aCheckpointIsNotImportedOnceMore() throws IOException {
        Path folder = export(GATED, ForeignFormat.QWEN3, Long.MAX_VALUE);
        assertRefused(folder.resolve("checkpoint"), "attention_modifiers", "is this a checkpoint already?");
    }

    @Test
    void anIndexThatContradictsTheFilesIsRefused() throws IOException {
        Path folder = export(PLAIN, ForeignFormat.QWEN3, 1000);
        Path index = folder.resolve("model.safetensors.index.json");
        byte[] whole = Files.readAllBytes(index);
        ObjectNode root = (ObjectNode) JSON.readTree(whole);
        String first = root.at("/weight_map/model.embed_tokens.weight").asText();
        String last = root.at("/weight_map/model.norm.weight").asText();
        ((ObjectNode) root.get("weight_map"))
                .put("model.embed_tokens.weight", last)
                .put("model.norm.weight", first);
        Files.write(index, JSON.writeValueAsBytes(root));
        assertRefused(folder, "says that the tensor model.embed_tokens.weight is in " + last, "but it is in " + first);

        ((ObjectNode) root.get("weight_map")).put("model.embed_tokens.weight", "../elsewhere.safetensors");
        Files.write(index, JSON.writeValueAsBytes(root));
        assertRefused(folder, "into '../elsewhere.safetensors', which is not the name of a safetensors file beside it");

        Files.writeString(index, "{}");
        assertRefused(folder, "has no weight_map");

        Files.write(index, whole);
        Files.delete(folder.resolve(last));
        assertRefused(folder, "lacks a file that its index names", last);
    }
}

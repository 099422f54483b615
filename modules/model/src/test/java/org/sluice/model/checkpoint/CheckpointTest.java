package org.sluice.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;
import org.sluice.model.MixtureConfig;
import org.sluice.model.ParameterInitialiser;
import org.sluice.model.ParameterLayout;
import org.sluice.model.Presets;
import org.sluice.model.SwitchHeads;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;

class CheckpointTest {
    private static final DecoderConfig MODEL = Presets.TINY
            .change()
            .layers(2)
            .hidden(8)
            .headDim(6)
            .ffn(12)
            .vocabulary(32)
            .modifiers(List.of(GateConfig.SDPA_HEADWISE, new SwitchHeads(GatePosition.VALUE, 3, 2)))
            .mixture(MixtureConfig.of(5, 2))
            .build();
    private static final ParameterLayout LAYOUT = ParameterLayout.of(MODEL);
    private static final String STATE = "optimizer/first_moment.safetensors";

    private final Configuration hadoop = new Configuration();

    @TempDir
    Path temporary;

    private org.apache.hadoop.fs.Path path(String folder) {
        return new org.apache.hadoop.fs.Path(temporary.resolve(folder).toUri());
    }

    private static float[] values(long seed) {
        double[] drawn = new ParameterInitialiser(LAYOUT, seed).values(0, Math.toIntExact(LAYOUT.elements()));
        float[] values = new float[drawn.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) drawn[i];
        }
        return values;
    }

    private static ByteBuffer bytes(float[] values, long from, long to) {
        ByteBuffer buffer = ByteBuffer.allocate((int) (to - from) * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = (int) from; i < to; i++) {
            buffer.putFloat(values[i]);
        }
        return buffer.flip();
    }

    private List<FileRecord> writeFiles(String folder, long seed, int modelFiles) throws IOException {
        float[] values = values(seed);
        List<FileRecord> records = new ArrayList<>();
        for (ModelFile file : ModelFile.divide(LAYOUT, DType.FLOAT32, modelFiles)) {
            records.add(CheckpointWriter.writeFile(hadoop, path(folder), file.name(), stream -> {
                SafetensorsWriter writer = new SafetensorsWriter(stream, file.header());
                writer.write(bytes(values, file.fromElement(), file.toElement()));
                writer.finish();
            }));
        }
        SafetensorsHeader header = new SafetensorsHeader.Builder()
                .add("first_moment", DType.FLOAT32, Shape.of(LAYOUT.elements()))
                .build();
        records.add(CheckpointWriter.writeFile(hadoop, path(folder), STATE, stream -> {
            SafetensorsWriter writer = new SafetensorsWriter(stream, header);
            writer.write(bytes(values, 0, LAYOUT.elements()));
            writer.finish();
        }));
        return records;
    }

    private void write(String folder, long seed, int modelFiles) throws IOException {
        CheckpointWriter writer = new CheckpointWriter(hadoop, path(folder));
        ObjectNode payload = new ObjectMapper().createObjectNode().put("round", seed);
        writer.commit(writeFiles(folder, seed, modelFiles), MODEL, payload);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 1000})
    void whatIsWrittenIsReadBack(int modelFiles) throws IOException {
        write("round-00000003", 3, modelFiles);

        Checkpoint checkpoint = Checkpoint.open(hadoop, path("round-00000003"));

        assertThat(checkpoint.model()).isEqualTo(MODEL);
        assertThat(checkpoint.payload().path("round").asLong()).isEqualTo(3);
        assertThat(checkpoint.parameterType()).isEqualTo(DType.FLOAT32);
        assertSameParameters(checkpoint, values(3));
        try (SafetensorsReader state = checkpoint.openSafetensors(STATE)) {
            ByteBuffer found = ByteBuffer.allocateDirect(40);
            state.read(400, found);
            assertThat(found.flip()).isEqualTo(bytes(values(3), 100, 110));
        }
        assertSameParameters(Checkpoint.openVerified(hadoop, path("round-00000003")), values(3));
    }

    private static void assertSameParameters(Checkpoint checkpoint, float[] expected) throws IOException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 20; i++) {
            int from = i == 0 ? 0 : random.nextInt(expected.length);
            int to = i == 0 ? expected.length : random.nextInt(from, expected.length + 1);
            ByteBuffer found =
                    i % 2 == 0 ? ByteBuffer.allocate((to - from) * 4) : ByteBuffer.allocateDirect((to - from) * 4);
            checkpoint.readParameters(from, found);
            assertThat(found.flip()).as("elements %d to %d", from, to).isEqualTo(bytes(expected, from, to));
        }
        assertThatThrownBy(() -> checkpoint.readParameters(expected.length - 1, ByteBuffer.allocate(8)))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> checkpoint.readParameters(0, ByteBuffer.allocate(6)))
                .hasMessageContaining("does not hold a whole number of FLOAT32 elements");
    }

    @Test
    void oneFlippedByteInAnyFileIsRefusedByNameAndTheCheckpointBeforeIsTaken() throws IOException {
        write("round-00000001", 1, 2);
        write("round-00000002", 2, 2);
        List<Path> files = files("round-00000002");
        assertThat(files.stream().map(file -> file.getFileName().toString()))
                .containsExactlyInAnyOrder(
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "first_moment.safetensors",
                        "config.json",
                        "manifest.json",
                        "_COMPLETE");
        for (Path file : files) {
            byte[] original = Files.readAllBytes(file);
            for (int index : new int[] {0, original.length / 2, original.length - 2}) {
                byte[] damaged = original.clone();
                damaged[index] ^= 4;
                Files.write(file, damaged);
                assertRefused("round-00000002", file.getFileName().toString(), "SHA-256");
            }
            Files.write(file, original);
        }
        assertThat(newest().orElseThrow().folder().getName()).isEqualTo("round-00000002");
    }

    @Test
    void aFileThatIsMissingCutShortOrTooLongIsRefusedByName() throws IOException {
        write("round-00000001", 1, 2);
        write("round-00000002", 2, 2);
        for (Path file : files("round-00000002")) {
            String name = file.getFileName().toString();
            byte[] original = Files.readAllBytes(file);
            if (!name.equals("_COMPLETE")) {
                Files.delete(file);
                assertRefused("round-00000002", name, "is missing");
            }
            Files.write(file, Arrays.copyOf(original, original.length / 2));
            assertRefused("round-00000002", name, "damaged");
            Files.write(file, Arrays.copyOf(original, original.length + 1));
            assertRefused("round-00000002", name, "damaged");
            Files.write(file, original);
        }
    }

    private List<Path> files(String folder) throws IOException {
        try (Stream<Path> walk = Files.walk(temporary.resolve(folder))) {
            return walk.filter(Files::isRegularFile).collect(Collectors.toList());
        }
    }

    private Optional<Checkpoint> newest() throws IOException {
        return Checkpoint.newest(hadoop, new org.apache.hadoop.fs.Path(temporary.toUri()), refusal -> {
            throw new AssertionError(refusal);
        });
    }

    private void assertRefused(String folder, String file, String reason) throws IOException {
        assertThatThrownBy(() -> Checkpoint.open(hadoop, path(folder)))
                .isInstanceOf(CheckpointCorruptException.class)
                .hasMessageContaining(file)
                .hasMessageContaining(reason);
        List<String> refusals = new ArrayList<>();
        Optional<Checkpoint> taken =
                Checkpoint.newest(hadoop, new org.apache.hadoop.fs.Path(temporary.toUri()), refusals::add);
        assertThat(taken.orElseThrow().folder().getName()).isEqualTo("round-00000001");
        assertThat(refusals).hasSize(1);
        assertThat(refusals.get(0))
                .startsWith("checkpoint " + folder + " is refused: ")
                .contains(file, reason);
    }

    @Test
    void theHighestNumberIsTakenAndWhatIsUnfinishedOrSomethingElseIsPassedOver() throws IOException {
        assertThat(newest()).isEmpty();
        write("round-00000009", 9, 1);
        write("round-00000010", 10, 1);
        writeFiles("round-00000011", 11, 1);
        Files.createDirectory(temporary.resolve("round-00000012"));
        Files.createDirectory(temporary.resolve("notes"));
        Files.writeString(temporary.resolve("round-00000013"), "a file, not a folder");

        Checkpoint checkpoint = newest().orElseThrow();

        assertThat(checkpoint.folder().getName()).isEqualTo("round-00000010");
        assertThatThrownBy(() -> Checkpoint.open(hadoop, path("round-00000011")))
                .hasMessageEndingWith("holds no finished checkpoint: it has no _COMPLETE");
        assertThat(Checkpoint.newest(hadoop, path("no-such-folder"), refusal -> {}))
                .isEmpty();
    }

    @Test
    void whatTheManifestDoesNotListIsNotPartOfTheCheckpoint() throws IOException {
        write("round-00000001", 1, 1);
        Files.writeString(temporary.resolve("round-00000001/model-00001-of-00002.safetensors"), "left over");

        Checkpoint checkpoint = Checkpoint.open(hadoop, path("round-00000001"));

        assertSameParameters(checkpoint, values(1));
        assertThatThrownBy(() -> checkpoint.open("model-00001-of-00002.safetensors"))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("it has: model.safetensors, " + STATE + ", config.json");
    }

    @Test
    void anUnfinishedCheckpointIsWrittenAgainAndAFinishedOneIsNot() throws IOException {
        writeFiles("round-00000001", 8, 3);
        write("round-00000001", 1, 2);

        assertSameParameters(Checkpoint.open(hadoop, path("round-00000001")), values(1));
        assertThatThrownBy(() -> new CheckpointWriter(hadoop, path("round-00000001")))
                .hasMessageContaining("already holds a finished checkpoint");
    }

    @Test
    void aCheckpointThatIsNotWhollyThereIsNotFinished() throws IOException {
        CheckpointWriter writer = new CheckpointWriter(hadoop, path("round-00000001"));
        List<FileRecord> records = writeFiles("round-00000001", 1, 1);
        Path model = temporary.resolve("round-00000001/model.safetensors");
        Files.write(model, Arrays.copyOf(Files.readAllBytes(model), 10));

        assertThatThrownBy(() -> writer.commit(records, MODEL, new ObjectMapper().createObjectNode()))
                .hasMessageContaining("model.safetensors has 10 bytes but");
        assertThat(newest()).isEmpty();
    }

    @Test
    void parametersOfAnotherModelAreRefused() throws IOException {
        CheckpointWriter writer = new CheckpointWriter(hadoop, path("round-00000001"));
        List<FileRecord> records = writeFiles("round-00000001", 1, 1);
        writer.commit(
                records,
                MODEL.withModifiers(new SwitchHeads(GatePosition.VALUE, 3, 2)),
                new ObjectMapper().createObjectNode());
        assertThatThrownBy(() -> Checkpoint.open(hadoop, path("round-00000001")))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("model.layers.0.self_attn.gate_proj.weight")
                .hasMessageContaining("where its model has model.layers.0.self_attn.value_switch.weight");

        CheckpointWriter second = new CheckpointWriter(hadoop, path("round-00000002"));
        List<FileRecord> some = writeFiles("round-00000002", 1, 2);
        second.commit(some.subList(0, 1), MODEL, new ObjectMapper().createObjectNode());
        assertThatThrownBy(() -> Checkpoint.open(hadoop, path("round-00000002")))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("the first that it does not have is");
    }

    @Test
    void aManifestOfAnotherFormatOrVersionSaysSo() throws IOException {
        write("round-00000001", 1, 1);
        Path manifest = temporary.resolve("round-00000001/manifest.json");
        String original = Files.readString(manifest);
        replaceManifest(original.replace("\"version\" : 1", "\"version\" : 2"));
        assertThatThrownBy(() -> Checkpoint.open(hadoop, path("round-00000001")))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("has version 2 of the checkpoint format; this Sluice reads version 1");
        replaceManifest(original.replace("sluice-checkpoint", "something"));
        assertThatThrownBy(() -> Checkpoint.open(hadoop, path("round-00000001")))
                .hasMessageContaining("its format is 'something', expected 'sluice-checkpoint'");
        replaceManifest(original.replace("model.safetensors", "../model.safetensors"));
        assertThatThrownBy(() -> Checkpoint.open(hadoop, path("round-00000001")))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("cannot name a file of a checkpoint");
        replaceManifest("not json");
        assertThatThrownBy(() -> Checkpoint.open(hadoop, path("round-00000001")))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("manifest.json is not JSON");
    }

    private void replaceManifest(String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        Files.write(temporary.resolve("round-00000001/manifest.json"), bytes);
        Files.writeString(temporary.resolve("round-00000001/_COMPLETE"), CheckpointFiles.sha256(bytes) + "\n");
    }

    @Test
    void namesThatLeaveTheFolderOrHideAreRefused() {
        for (String name : List.of("", "../x", "/x", "a//b", "_COMPLETE", ".hidden", "a\\b", "hdfs:x")) {
            assertThatThrownBy(() -> CheckpointWriter.writeFile(hadoop, path("x"), name, stream -> {}))
                    .as(name)
                    .hasMessageContaining("cannot name a file of a checkpoint");
        }
        assertThatThrownBy(() -> new FileRecord("x", 1, "abc")).hasMessageContaining("64 lower-case hexadecimal");
        assertThatThrownBy(() -> new FileRecord("x", -1, "a".repeat(64))).hasMessageContaining("cannot be -1");
    }
}

package org.sluice.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.GateConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.model.Presets;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;

class SafetensorsTest {
    private static final SafetensorsHeader HEADER = new SafetensorsHeader.Builder()
            .metadata("format", "pt")
            .add("a", DType.FLOAT32, Shape.of(2, 3))
            .add("b", DType.FLOAT64, Shape.of(2))
            .add("c", DType.INT32, Shape.of())
            .build();

    @TempDir
    Path temporary;

    private static byte[] data() {
        byte[] data = new byte[44];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i + 1);
        }
        return data;
    }

    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        SafetensorsWriter writer = new SafetensorsWriter(stream, HEADER);
        writer.write(ByteBuffer.wrap(data(), 0, 10));
        writer.write(ByteBuffer.allocateDirect(30).put(data(), 10, 30).flip());
        writer.write(ByteBuffer.wrap(data(), 40, 4).slice());
        writer.finish();

        String json = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                + "\"b\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[24,40]},"
                + "\"c\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[40,44]}}";
        String padded = json + " ".repeat((8 - json.length() % 8) % 8);
        ByteBuffer expected = ByteBuffer.allocate(8 + padded.length() + 44).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded.length())
                .put(padded.getBytes(StandardCharsets.UTF_8))
                .put(data());
        assertThat(stream.toByteArray()).isEqualTo(expected.array());
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        SafetensorsWriter writer = new SafetensorsWriter(stream, HEADER);
        writer.write(ByteBuffer.wrap(data()));
        writer.finish();
        Path file = Files.write(temporary.resolve("x.safetensors"), stream.toByteArray());

        try (SafetensorsReader reader = open(file)) {
            assertThat(reader.header().tensors()).isEqualTo(HEADER.tensors());
            assertThat(reader.header().metadata()).isEqualTo(HEADER.metadata());
            assertThat(reader.header().dataLength()).isEqualTo(44);
            ByteBuffer all = ByteBuffer.allocate(44);
            reader.read(0, all);
            assertThat(all.array()).isEqualTo(data());
            assertThatThrownBy(() -> reader.read(40, ByteBuffer.allocate(5)))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("bytes 40 to 45 are not inside the 44 bytes");
        }
    }

    @Test
    void tooMuchOrTooLittleDataIsRefused() throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter(new ByteArrayOutputStream(), HEADER);
        writer.write(ByteBuffer.allocate(40));
        assertThatThrownBy(writer::finish).hasMessageContaining("44 bytes of data, but only 40 were written");
        assertThatThrownBy(() -> writer.write(ByteBuffer.allocate(5)))
                .hasMessageContaining("44 bytes of data, 40 are written, and 5 more were given");
        assertThatThrownBy(() -> new SafetensorsHeader.Builder()
                        .add("a", DType.FLOAT32, Shape.of(1))
                        .add("a", DType.FLOAT32, Shape.of(1)))
                .hasMessageContaining("two tensors named a");
        assertThatThrownBy(() -> new SafetensorsHeader.Builder().add("__metadata__", DType.FLOAT32, Shape.of(1)))
                .hasMessageContaining("a tensor named __metadata__");
    }

    static Stream<Arguments> damagedHeaders() {
        String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
        return Stream.of(
                Arguments.of("{" + a + ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", "overlaps"),
                Arguments.of(
                        "{" + a + ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[12,16]}}",
                        "begins at byte 12"),
                Arguments.of("{" + a + "}", "its tensors take 8 bytes, but it has 16 bytes of data"),
                Arguments.of(
                        "{" + a + ",\"b\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[8,20]}}", "cut short"),
                Arguments.of("{" + a + "," + a + "}", "Duplicate"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,12]}}", "takes 16 bytes"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[-16,0]}}", "takes 16 bytes"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0]}}", "expected two integers"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[\"0\",16]}}",
                        "expected two integers"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[16],\"data_offsets\":[0,16]}}",
                        "the type 'F8_E4M3', which Sluice does not read; it reads F32, F64, I32, BF16, F16"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[4.5],\"data_offsets\":[0,16]}}", "dimension -1"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0.5,16]}}", "expected two integers"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[0,0]}}", "dimension 0"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}", "it has no shape"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,2],\"data_offsets\":[0,16]}}",
                        "cannot be read"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2305843009213693952],\"data_offsets\":[0,16]}}",
                        "cannot be read"),
                Arguments.of("[]", "not a JSON object"),
                Arguments.of("{\"a\":", "not JSON"),
                Arguments.of("3", "not a safetensors file: its header would have 1 bytes"));
    }

    @ParameterizedTest
    @MethodSource("damagedHeaders")
    void aHeaderThatDoesNotFitItsFileIsRefused(String json, String reason) throws IOException {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header);
        Path file = Files.write(temporary.resolve("x.safetensors"), bytes.array());

        assertThatThrownBy(() -> open(file))
                .isInstanceOfAny(CheckpointCorruptException.class, CheckpointFormatException.class)
                .hasMessageContaining("x.safetensors")
                .hasMessageContaining(reason);
    }

    @Test
    void aFileThatIsSomethingElseIsRefusedBeforeMuchIsRead() throws IOException {
        Path text = Files.writeString(temporary.resolve("x.safetensors"), "just some text, longer than a header");
        assertThatThrownBy(() -> open(text)).hasMessageContaining("not a safetensors file");
        Path empty = Files.write(temporary.resolve("empty.safetensors"), new byte[3]);
        assertThatThrownBy(() -> open(empty)).hasMessageContaining("it has 3 bytes, too few");
    }

    private static SafetensorsReader open(Path file) throws IOException {
        return SafetensorsReader.open(new Configuration(), new org.apache.hadoop.fs.Path(file.toUri()));
    }

    @Test
    void aModelIsDividedBetweenParametersIntoFilesOfAboutEqualSize() {
        for (int wanted : new int[] {1, 2, 3, 7, 16, 100_000}) {
            ParameterLayout layout =
                    ParameterLayout.of(Presets.DENSE_1_7B_28L.withModifiers(GateConfig.SDPA_ELEMENTWISE));
            List<ModelFile> files = ModelFile.divide(layout, DType.FLOAT32, wanted);
            assertThat(files.size()).isLessThanOrEqualTo(wanted);
            if (wanted <= 16) {
                assertThat(files).hasSize(wanted);
            }
            long end = 0;
            int next = 0;
            for (ModelFile file : files) {
                assertThat(file.fromElement()).isEqualTo(end);
                for (SafetensorsTensor tensor : file.header().tensors()) {
                    Parameter parameter = layout.parameters().get(next++);
                    assertThat(tensor.name()).isEqualTo(parameter.name());
                    assertThat(tensor.begin()).isEqualTo(4 * (parameter.offset() - file.fromElement()));
                }
                end = file.toElement();
                assertThat(ModelFile.isModelFile(file.name())).isTrue();
                // No file is far above its share, unless one parameter alone is.
                long largest = layout.parameters().get(0).elements();
                assertThat(file.toElement() - file.fromElement())
                        .isLessThanOrEqualTo(Math.max(largest, 3 * layout.elements() / wanted / 2));
            }
            assertThat(end).isEqualTo(layout.elements());
            assertThat(next).isEqualTo(layout.parameters().size());
        }
        assertThatThrownBy(() -> ModelFile.divide(ParameterLayout.of(Presets.TINY), DType.FLOAT32, 0))
                .hasMessageContaining("at least 1 file");
    }

    @Test
    void filesAreNamedAndIndexedAsHuggingFaceDoes() {
        List<ModelFile> files = ModelFile.divide(ParameterLayout.of(Presets.TINY), DType.FLOAT32, 2);

        assertThat(files.stream().map(ModelFile::name))
                .containsExactly("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
        assertThat(new String(ModelFile.index(files), StandardCharsets.UTF_8).replaceAll("\\s", ""))
                .startsWith("{\"metadata\":{\"total_size\":" + 4 * Presets.TINY.parameters()
                        + "},\"weight_map\":{\"model.embed_tokens.weight\":\"model-00001-of-00002.safetensors\",")
                .endsWith("\"model.norm.weight\":\"model-00002-of-00002.safetensors\"}}");
    }
}

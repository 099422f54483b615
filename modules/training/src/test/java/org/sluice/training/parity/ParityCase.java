package org.sluice.training.parity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.SafetensorsReader;
import org.sluice.model.checkpoint.SafetensorsTensor;
import org.sluice.model.checkpoint.SafetensorsType;
import org.sluice.model.interchange.ForeignModel;
import org.sluice.tensor.Shape;

/**
 * A model in a format of others, an input, and what PyTorch made of both: a folder that {@code src/test/python/parity.py} wrote. The model
 * is read as {@code import} reads it.
 *
 * @param parameters the flat space
 * @param expected the tensors that PyTorch was given and that it made
 * @param settings the texts beside them
 */
record ParityCase(
        String name,
        DecoderConfig model,
        double[] parameters,
        Map<String, Numbers> expected,
        Map<String, String> settings) {

    /** A tensor. */
    record Numbers(Shape shape, double[] values) {}

    /** The passes. */
    static List<ParityCase> passes() {
        return all("passes", "expected.safetensors");
    }

    /** Those passes of which float64 is kept as well, with that. */
    static List<ParityCase> passesInFloat64() {
        return all("passes", "expected-float64.safetensors");
    }

    /** The trainings. */
    static List<ParityCase> steps() {
        return all("steps", "expected.safetensors");
    }

    private static List<ParityCase> all(String kind, String expected) {
        try (Stream<Path> folders =
                Files.list(Path.of(Objects.requireNonNull(ParityCase.class.getResource("/parity/" + kind))
                        .toURI()))) {
            return folders.filter(folder -> Files.exists(folder.resolve(expected)))
                    .sorted()
                    .map(folder -> read(folder, expected))
                    .toList();
        } catch (IOException | URISyntaxException failure) {
            throw new IllegalStateException("no parity cases can be listed", failure);
        }
    }

    private static ParityCase read(Path folder, String expectedFile) {
        Configuration hadoop = new Configuration();
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.toUri());
        try (ForeignModel foreign = ForeignModel.open(hadoop, path);
                SafetensorsReader reader =
                        SafetensorsReader.open(hadoop, new org.apache.hadoop.fs.Path(path, expectedFile))) {
            ByteBuffer parameters =
                    littleEndian(ParameterLayout.of(foreign.model()).elements() * Float.BYTES);
            foreign.readParameters(0, parameters);
            Map<String, Numbers> expected = new LinkedHashMap<>();
            for (SafetensorsTensor tensor : reader.header().tensors()) {
                expected.put(tensor.name(), numbers(tensor, reader));
            }
            String name = folder.getFileName().toString();
            return new ParityCase(
                    name,
                    foreign.model(),
                    values(SafetensorsType.F32, parameters),
                    expected,
                    reader.header().metadata());
        } catch (IOException failure) {
            throw new UncheckedIOException(folder + " cannot be read", failure);
        }
    }

    private static Numbers numbers(SafetensorsTensor tensor, SafetensorsReader reader) throws IOException {
        ByteBuffer bytes = littleEndian(tensor.length());
        reader.read(tensor.begin(), bytes);
        return new Numbers(tensor.shape(), values(tensor.type(), bytes));
    }

    private static double[] values(SafetensorsType type, ByteBuffer written) {
        ByteBuffer bytes = written.flip();
        double[] values = new double[bytes.limit() / type.bytes()];
        Arrays.setAll(values, i -> next(type, bytes));
        return values;
    }

    private static double next(SafetensorsType type, ByteBuffer bytes) {
        return switch (type) {
            case F32 -> bytes.getFloat();
            case F64 -> bytes.getDouble();
            case I32 -> bytes.getInt();
            case BF16, F16 -> throw new IllegalStateException("PyTorch's results are not kept in " + type);
        };
    }

    private static ByteBuffer littleEndian(long bytes) {
        return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The case with another model that has the same parameters. */
    ParityCase with(DecoderConfig otherModel) {
        return new ParityCase(name, otherModel, parameters, expected, settings);
    }

    /** The case with another number. */
    ParityCase with(String key, double number) {
        Map<String, String> changed = new HashMap<>(settings);
        changed.put(key, Double.toString(number));
        return new ParityCase(name, model, parameters, expected, changed);
    }

    /** What kind of model it is, for the page. */
    String family() {
        return setting("family");
    }

    /** A text of the case. */
    String setting(String key) {
        return Objects.requireNonNull(settings.get(key), () -> name + " has no " + key);
    }

    /** A number of the case. */
    double number(String key) {
        return Double.parseDouble(setting(key));
    }

    /** What PyTorch computed, or was given. */
    double[] values(String tensor) {
        return numbers(tensor).values();
    }

    int[] integers(String tensor) {
        return Arrays.stream(values(tensor)).mapToInt(value -> (int) value).toArray();
    }

    Shape shape(String tensor) {
        return numbers(tensor).shape();
    }

    private Numbers numbers(String tensor) {
        return Objects.requireNonNull(expected.get(tensor), () -> name + " has no " + tensor);
    }

    /** The initial values of a parameter. */
    double[] initial(Parameter parameter) {
        return Arrays.copyOfRange(parameters, Math.toIntExact(parameter.offset()), Math.toIntExact(parameter.end()));
    }

    @Override
    public String toString() {
        return name;
    }
}

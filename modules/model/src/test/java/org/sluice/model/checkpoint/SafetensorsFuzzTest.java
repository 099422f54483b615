package org.sluice.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;

/**
 * Headers changed at random: each is either refused by one of the two exceptions that say why, or describes tensors that lie wholly in the
 * file, side by side.
 */
class SafetensorsFuzzTest {
    private static final int CASES = 20_000;
    private static final int DATA_BYTES = 96;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> VALUES = List.of(
            "0",
            "-1",
            "1",
            "2",
            "4",
            "16",
            "24",
            "96",
            "97",
            "9223372036854775807",
            "-9223372036854775808",
            "1e3",
            "1.5",
            "1e400",
            "18446744073709551616",
            "null",
            "true",
            "\"F32\"",
            "\"F64\"",
            "\"BF16\"",
            "\"\"",
            "[]",
            "{}",
            "[[]]",
            "[0, 24]",
            "[24, 0]",
            "[0]",
            "[2, 3]",
            "[3, 2]",
            "[0, 0]",
            "[4294967296, 4294967296]");

    @TempDir
    Path temporary;

    @Test
    void everyHeaderIsRefusedInWordsOrFitsItsFile() throws IOException {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        Path file = temporary.resolve("x.safetensors");
        int accepted = 0;
        for (int number = 0; number < CASES; number++) {
            byte[] bytes = random.nextInt(3) == 0 ? changedBytes(random) : changedTree(random);
            Files.write(file, bytes);
            try (SafetensorsReader reader =
                    SafetensorsReader.open(new Configuration(false), new org.apache.hadoop.fs.Path(file.toUri()))) {
                requireWhole(reader, bytes.length);
                accepted++;
            } catch (CheckpointCorruptException | CheckpointFormatException refused) {
                assertThat(refused.getMessage()).contains("x.safetensors");
            } catch (IOException | RuntimeException | Error other) {
                throw new AssertionError(
                        "seed " + seed + ", case " + number + ": " + new String(bytes, StandardCharsets.ISO_8859_1),
                        other);
            }
        }
        // Some changes leave a header that is right, or this test would see refusals only.
        assertThat(accepted).as("seed %d", seed).isBetween(CASES / 1000, CASES / 2);
    }

    private static void requireWhole(SafetensorsReader reader, long fileLength) throws IOException {
        long end = 0;
        for (SafetensorsTensor tensor : reader.header().tensors()) {
            assertThat(tensor.begin()).isEqualTo(end);
            end = tensor.end();
        }
        assertThat(end).isEqualTo(reader.header().dataLength()).isLessThan(fileLength);
        reader.read(0, ByteBuffer.allocate((int) end));
    }

    private static byte[] file(byte[] json) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + DATA_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putLong(json.length).put(json).array();
    }

    private static byte[] header() {
        return new SafetensorsHeader.Builder()
                .metadata("format", "pt")
                .add("a", DType.FLOAT32, Shape.of(2, 3))
                .add("b", DType.FLOAT64, Shape.of(3, 2))
                .add("c", SafetensorsType.BF16, Shape.of(12))
                .build()
                .toBytes();
    }

    /** Some bytes of the header, or of its length, are others. */
    private static byte[] changedBytes(SplittableRandom random) {
        byte[] header = header();
        byte[] bytes = Arrays.copyOf(header, header.length + DATA_BYTES);
        for (int change = random.nextInt(4); change >= 0; change--) {
            int at = random.nextInt(header.length);
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt(256) : bytes[random.nextInt(header.length)];
        }
        return random.nextInt(5) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    /** Some values of the header are others, of the right type or not. */
    private static byte[] changedTree(SplittableRandom random) throws IOException {
        byte[] header = header();
        ObjectNode root = (ObjectNode) JSON.readTree(Arrays.copyOfRange(header, 8, header.length));
        for (int change = random.nextInt(3); change >= 0; change--) {
            List<String> names = List.of("a", "b", "c", "__metadata__");
            String name = names.get(random.nextInt(names.size()));
            String key = List.of("dtype", "shape", "data_offsets").get(random.nextInt(3));
            String value = VALUES.get(random.nextInt(VALUES.size()));
            switch (random.nextInt(4)) {
                case 0 -> root.remove(name);
                case 1 -> root.set(name, JSON.readTree(value));
                default -> {
                    if (root.get(name) instanceof ObjectNode tensor) {
                        tensor.set(key, JSON.readTree(value));
                    }
                }
            }
        }
        return file(JSON.writeValueAsBytes(root));
    }
}

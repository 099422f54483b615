package org.sluice.model.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ParameterLayout;
import org.sluice.tensor.DType;

/** Checkpoints for tests, with parameters that the test knows. */
public final class StoredModel {
    private StoredModel() {}

    /** Parameters of about the size that trained ones have: norms around 1 and never below a half, all else around 0. */
    public static float[] parameters(DecoderConfig model, long seed) {
        ParameterLayout layout = ParameterLayout.of(model);
        float[] parameters = new float[Math.toIntExact(layout.elements())];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < parameters.length; i++) {
            double mean = layout.at(i).initialMean();
            parameters[i] = (float) (mean + 0.499 * random.nextDouble(-1, 1));
        }
        return parameters;
    }

    /** Writes a checkpoint in float32. */
    public static Checkpoint write(Path folder, DecoderConfig model, float[] parameters) throws IOException {
        Configuration hadoop = new Configuration();
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.toUri());
        CheckpointWriter writer = new CheckpointWriter(hadoop, path);
        List<FileRecord> files = new ArrayList<>();
        for (ModelFile file : ModelFile.divide(ParameterLayout.of(model), DType.FLOAT32, 1)) {
            files.add(CheckpointWriter.writeFile(hadoop, path, file.name(), stream -> {
                SafetensorsWriter weights = new SafetensorsWriter(stream, file.header());
                weights.write(bytes(parameters));
                weights.finish();
            }));
        }
        writer.commit(files, model, JsonNodeFactory.instance.objectNode());
        return Checkpoint.open(hadoop, path);
    }

    /** Reads all parameters of a checkpoint in float32. */
    public static float[] read(Checkpoint checkpoint) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(checkpoint.model().parameters() * Float.BYTES));
        checkpoint.readParameters(0, bytes);
        return floats(bytes.flip());
    }

    /** The numbers of a buffer, little-endian. */
    public static float[] floats(ByteBuffer bytes) {
        FloatBuffer floats = bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] numbers = new float[floats.remaining()];
        floats.get(numbers);
        return numbers;
    }

    private static ByteBuffer bytes(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        return bytes;
    }
}

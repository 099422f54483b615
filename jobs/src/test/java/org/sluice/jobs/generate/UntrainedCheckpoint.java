package org.sluice.jobs.generate;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ParameterInitialiser;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.checkpoint.ModelFile;
import org.sluice.model.checkpoint.SafetensorsWriter;
import org.sluice.tensor.DType;

/** A checkpoint of a model as it is before training, with any other files and any payload. */
public final class UntrainedCheckpoint {
    private UntrainedCheckpoint() {}

    /** Writes it and opens it. */
    public static Checkpoint write(
            java.nio.file.Path place, DecoderConfig model, JsonNode payload, Map<String, byte[]> otherFiles) {
        Configuration hadoop = new Configuration();
        Path folder = new Path(place.toUri());
        ParameterLayout layout = ParameterLayout.of(model);
        double[] values = new ParameterInitialiser(layout, 1).values(0, Math.toIntExact(layout.elements()));
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            bytes.putFloat((float) value);
        }
        ModelFile file = ModelFile.divide(layout, DType.FLOAT32, 1).get(0);
        try {
            List<FileRecord> records = new ArrayList<>();
            records.add(CheckpointWriter.writeFile(hadoop, folder, file.name(), stream -> {
                SafetensorsWriter writer = new SafetensorsWriter(stream, file.header());
                writer.write(bytes.flip());
                writer.finish();
            }));
            for (Map.Entry<String, byte[]> other : otherFiles.entrySet()) {
                records.add(CheckpointWriter.writeFile(
                        hadoop, folder, other.getKey(), stream -> stream.write(other.getValue())));
            }
            new CheckpointWriter(hadoop, folder).commit(records, model, payload);
            return Checkpoint.open(hadoop, folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

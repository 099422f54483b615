package org.sluice.dl4j;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.checkpoint.ModelFile;
import org.sluice.model.checkpoint.SafetensorsWriter;
import org.sluice.tensor.DType;

/** Checkpoints of given parameters. */
final class WrittenCheckpoint {
    private WrittenCheckpoint() {}

    /** Writes a checkpoint in two files and opens it. */
    static Checkpoint of(DecoderConfig model, DType type, double[] parameters, Path folder) throws IOException {
        Configuration hadoop = new Configuration();
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.toUri());
        CheckpointWriter checkpoint = new CheckpointWriter(hadoop, path);
        List<FileRecord> records = new ArrayList<>();
        for (ModelFile file : ModelFile.divide(ParameterLayout.of(model), type, 2)) {
            records.add(CheckpointWriter.writeFile(hadoop, path, file.name(), stream -> {
                SafetensorsWriter writer = new SafetensorsWriter(stream, file.header());
                writer.write(bytes(parameters, type, (int) file.fromElement(), (int) file.toElement()));
                writer.finish();
            }));
        }
        checkpoint.commit(records, model, new ObjectMapper().createObjectNode());
        return Checkpoint.open(hadoop, path);
    }

    private static ByteBuffer bytes(double[] values, DType type, int from, int to) {
        ByteBuffer buffer = ByteBuffer.allocate((to - from) * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = from; i < to; i++) {
            if (type == DType.FLOAT64) {
                buffer.putDouble(values[i]);
            } else {
                buffer.putFloat((float) values[i]);
            }
        }
        return buffer.flip();
    }
}

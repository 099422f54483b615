package org.sluice.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ParameterLayout;
import org.sluice.model.Presets;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

class ParameterLoadingTest {
    /** Of more parameters than one piece holds, and not of whole pieces. */
    private static final DecoderConfig MODEL = Presets.TINY.withVocabulary(9_999);

    @TempDir
    Path temporary;

    @Test
    void everyParameterIsLoaded() throws IOException {
        Configuration hadoop = new Configuration();
        org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(temporary.toUri());
        int count = Math.toIntExact(MODEL.parameters());
        ModelFile file =
                ModelFile.divide(ParameterLayout.of(MODEL), DType.FLOAT32, 1).get(0);
        FileRecord record = CheckpointWriter.writeFile(hadoop, folder, file.name(), stream -> {
            ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                bytes.putFloat(i);
            }
            SafetensorsWriter writer = new SafetensorsWriter(stream, file.header());
            writer.write(bytes.flip());
            writer.finish();
        });
        new CheckpointWriter(hadoop, folder).commit(List.of(record), MODEL, JsonNodeFactory.instance.objectNode());
        Checkpoint checkpoint = Checkpoint.open(hadoop, folder);
        try (Backend backend = Backends.open("cpu", 1);
                Arena arena = backend.newArena("parameters")) {
            Tensor parameters = arena.allocate("parameters", DType.FLOAT32, Shape.of(count));
            ParameterLoading.load(checkpoint, backend.memory(), parameters);
            double[] values = backend.memory().readDoubles(parameters);
            for (int i = 0; i < count; i++) {
                assertThat(values[i]).isEqualTo((float) i);
            }
            Tensor shorter = arena.allocate("shorter", DType.FLOAT32, Shape.of(count - 1));
            assertThatThrownBy(() -> ParameterLoading.load(checkpoint, backend.memory(), shorter))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(count + " parameters", "the decoder has " + (count - 1));
        }
    }
}

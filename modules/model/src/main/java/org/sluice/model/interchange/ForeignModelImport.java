package org.sluice.model.interchange;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.checkpoint.ModelFile;
import org.sluice.model.checkpoint.SafetensorsIndex;
import org.sluice.model.checkpoint.SafetensorsWriter;
import org.sluice.tensor.DType;

/** Makes a checkpoint in float32 of a foreign model. */
public final class ForeignModelImport {
    private static final int PIECE_ELEMENTS = 1 << 20;
    private static final long FILE_BYTES = 4L << 30;

    private ForeignModelImport() {}

    /**
     * Writes a checkpoint.
     *
     * @param writer its folder
     * @param others files that are in the folder already and belong to the checkpoint
     * @param payload what else the checkpoint says
     * @param progress is told how many parameters are written
     */
    public static void write(
            Configuration hadoop,
            ForeignModel foreign,
            CheckpointWriter writer,
            List<FileRecord> others,
            JsonNode payload,
            LongConsumer progress)
            throws IOException {
        ParameterLayout layout = ParameterLayout.of(foreign.model());
        long bytes = layout.elements() * Float.BYTES;
        List<ModelFile> files = ModelFile.divide(layout, DType.FLOAT32, (int) ((bytes + FILE_BYTES - 1) / FILE_BYTES));
        List<FileRecord> records = new ArrayList<>();
        for (ModelFile file : files) {
            records.add(CheckpointWriter.writeFile(
                    hadoop, writer.folder(), file.name(), stream -> copy(foreign, file, stream, progress)));
        }
        if (files.size() > 1) {
            records.add(CheckpointWriter.writeFile(
                    hadoop, writer.folder(), SafetensorsIndex.NAME, stream -> stream.write(ModelFile.index(files))));
        }
        records.addAll(others);
        writer.commit(records, foreign.model(), payload);
    }

    private static void copy(ForeignModel foreign, ModelFile file, OutputStream stream, LongConsumer progress)
            throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter(stream, file.header());
        for (long from = file.fromElement(); from < file.toElement(); from += PIECE_ELEMENTS) {
            int count = (int) Math.min(PIECE_ELEMENTS, file.toElement() - from);
            ByteBuffer piece = ByteBuffer.allocate(count * Float.BYTES);
            foreign.readParameters(from, piece);
            writer.write(piece.flip());
            progress.accept(from + count);
        }
        writer.finish();
    }
}

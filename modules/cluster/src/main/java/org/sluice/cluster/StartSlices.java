package org.sluice.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.sluice.model.ParameterInitialiser;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.SafetensorsReader;

/**
 * The slices of the version that training starts or goes on from, each made where it will lie: from the seed, or from a checkpoint that
 * the driver has verified.
 *
 * @param checkpoint the folder; null for the seed
 */
record StartSlices(WorkerSetup setup, String checkpoint) implements SliceSource {

    @Override
    public GlobalSlice read(int slice) {
        try {
            return checkpoint == null ? fromSeed(slice) : fromCheckpoint(slice);
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "the checkpoint " + checkpoint + " cannot be read: " + failure.getMessage(), failure);
        }
    }

    private GlobalSlice fromSeed(int slice) {
        TrainingPlan plan = setup.plan();
        ParameterInitialiser initialiser = new ParameterInitialiser(
                ParameterLayout.of(plan.model()), plan.training().seed());
        double[] values =
                initialiser.values(setup.layout().offset(slice), setup.layout().length(slice));
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            bytes.putFloat((float) value);
        }
        return new GlobalSlice(slice, bytes.array(), null, List.of());
    }

    private GlobalSlice fromCheckpoint(int slice) throws IOException {
        long offset = setup.layout().offset(slice);
        int bytes = setup.layout().length(slice) * Float.BYTES;
        Checkpoint opened = Checkpoint.openVerified(setup.hadoop(), new Path(checkpoint));
        ByteBuffer parameters = ByteBuffer.allocate(bytes);
        opened.readParameters(offset, parameters);
        if (!setup.plan().cluster().outer().keepsMomentum()) {
            return new GlobalSlice(slice, parameters.array(), null, List.of());
        }
        ByteBuffer momentum = ByteBuffer.allocate(bytes);
        try (SafetensorsReader reader = opened.openSafetensors(CheckpointRdd.MOMENTUM_FILE)) {
            reader.read(offset * Float.BYTES, momentum);
        }
        return new GlobalSlice(slice, parameters.array(), momentum.array(), List.of());
    }
}

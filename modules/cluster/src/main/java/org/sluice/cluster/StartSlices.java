package org.sluice.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.hadoop.fs.Path;
import org.sluice.model.ParameterInitialiser;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.SafetensorsReader;
import org.sluice.model.checkpoint.SafetensorsTensor;
import org.sluice.training.Replica;

/**
 * The slices of the version that training starts or goes on from, each made where it will lie: from the seed, from the weights of another
 * training, or from a checkpoint of this one. The driver has verified what is read.
 *
 * @param checkpoint the folder of this training's checkpoint; null for the start
 */
record StartSlices(WorkerSetup setup, String checkpoint) implements SliceSource {

    @Override
    public GlobalSlice read(int slice) {
        TrainingPlan plan = setup.plan();
        if (checkpoint == null && !plan.startsFromWeights()) {
            return fromSeed(slice);
        }
        String folder = checkpoint == null ? plan.startFrom() : checkpoint;
        try {
            Checkpoint opened = Checkpoint.openVerified(setup.hadoop(), new Path(folder));
            byte[] parameters = parameters(opened, slice);
            boolean momentum = checkpoint != null && plan.cluster().outer().keepsMomentum();
            boolean residual = checkpoint != null && plan.cluster().wireFormat().keepsResiduals();
            return GlobalSlice.start(
                    slice,
                    parameters,
                    momentum ? outer(opened, VersionFiles.MOMENTUM, slice) : null,
                    residual ? outer(opened, VersionFiles.RESIDUAL, slice) : null,
                    checkpoint != null && VersionFiles.hasInner(plan) ? moments(opened, slice) : null);
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "the checkpoint " + folder + " cannot be read: " + failure.getMessage(), failure);
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
        return GlobalSlice.start(slice, bytes.array(), null, null);
    }

    private byte[] parameters(Checkpoint opened, int slice) throws IOException {
        ByteBuffer parameters = ByteBuffer.allocate(setup.layout().length(slice) * Float.BYTES);
        opened.readParameters(setup.layout().offset(slice), parameters);
        return parameters.array();
    }

    private byte[] moments(Checkpoint opened, int slice) throws IOException {
        ByteArrayOutputStream moments = new ByteArrayOutputStream();
        for (String name : Replica.optimizerStateNames(setup.plan().training())) {
            moments.write(values(opened, VersionFiles.INNER_FILE, name, slice));
        }
        return moments.toByteArray();
    }

    private byte[] outer(Checkpoint opened, String name, int slice) throws IOException {
        return values(opened, VersionFiles.OUTER_FILE, name, slice);
    }

    private byte[] values(Checkpoint opened, String file, String name, int slice) throws IOException {
        ByteBuffer values = ByteBuffer.allocate(setup.layout().length(slice) * Float.BYTES);
        try (SafetensorsReader reader = opened.openSafetensors(file)) {
            SafetensorsTensor stored = reader.header().tensors().stream()
                    .filter(tensor -> tensor.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IOException(file + " has no tensor " + name));
            reader.read(stored.begin() + setup.layout().offset(slice) * Float.BYTES, values);
        }
        return values.array();
    }
}

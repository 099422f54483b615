package org.sluice.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;

/**
 * The weights that training starts from instead of the seed: those of another training's checkpoint. Only the parameters' names and shapes
 * must be the model's; what has no parameters may differ, such as the rotary position embedding.
 */
public final class StartWeights {
    private static final int DIFFERENCES_TOLD = 4;

    private StartWeights() {}

    /**
     * Reads the checkpoint once, to see that it is whole, and compares its parameters with the model's.
     *
     * @param folder the checkpoint's
     * @throws IllegalArgumentException if the model's parameters are others; the message names the first differences
     * @throws IOException if the folder holds no finished checkpoint, or it is damaged
     */
    public static void requireFit(Configuration hadoop, String folder, DecoderConfig model) throws IOException {
        requireFit(Checkpoint.open(hadoop, new Path(folder)), model);
    }

    /**
     * Compares a checkpoint's parameters with a model's.
     *
     * @throws IllegalArgumentException if the model's parameters are others; the message names the first differences
     */
    public static void requireFit(Checkpoint checkpoint, DecoderConfig model) {
        if (checkpoint.parameterType() != DType.FLOAT32) {
            throw new IllegalArgumentException("startFrom: the parameters of " + checkpoint.folder() + " are "
                    + checkpoint.parameterType() + "; training starts from " + DType.FLOAT32
                    + ", which is what it writes its checkpoints in");
        }
        List<String> differences = differences(shapes(checkpoint.model()), shapes(model));
        if (!differences.isEmpty()) {
            int told = Math.min(DIFFERENCES_TOLD, differences.size());
            String more = differences.size() > told ? "; and " + (differences.size() - told) + " more" : "";
            throw new IllegalArgumentException(
                    "startFrom: the weights of " + checkpoint.folder() + " do not fit the model: "
                            + String.join("; ", differences.subList(0, told)) + more
                            + ". Name a checkpoint of a model of the same shape; only the RoPE settings, and what else has no parameters, may differ");
        }
    }

    private static Map<String, Shape> shapes(DecoderConfig model) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (Parameter parameter : ParameterLayout.of(model).parameters()) {
            shapes.put(parameter.name(), parameter.shape());
        }
        return shapes;
    }

    private static List<String> differences(Map<String, Shape> there, Map<String, Shape> here) {
        List<String> differences = new ArrayList<>();
        here.forEach((name, shape) -> {
            if (!there.containsKey(name)) {
                differences.add(name + " is not in the checkpoint");
            } else if (!there.get(name).equals(shape)) {
                differences.add(name + " is " + there.get(name) + " in the checkpoint, " + shape + " here");
            }
        });
        there.keySet().stream()
                .filter(name -> !here.containsKey(name))
                .forEach(name -> differences.add(name + " is in the checkpoint only"));
        return differences;
    }
}

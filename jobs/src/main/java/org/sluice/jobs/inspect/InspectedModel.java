package org.sluice.jobs.inspect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sluice.model.DecoderConfig;
import org.sluice.model.FlopsPerToken;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterCounts;
import org.sluice.model.ParameterLayout;
import org.sluice.tensor.Shape;
import org.sluice.training.ReplicaMemory;
import org.sluice.training.TrainingConfig;

/**
 * A model with a name.
 *
 * @param entry what the name stands for
 * @param origin the preset and its scale: {@code moe-15a2b, full}
 * @param base the preset's model, which the model is compared with
 * @param length the positions of a sequence
 */
record InspectedModel(NamedModel entry, String origin, DecoderConfig base, DecoderConfig model, int length) {

    /**
     * A parameter that is there once, or once in each layer.
     *
     * @param name with {@code *} for the number of the layer
     */
    record Tensors(String name, Shape shape, int copies) {
        long elements() {
            return copies * shape.elements();
        }
    }

    ParameterCounts counts() {
        return ParameterCounts.of(model);
    }

    FlopsPerToken flops() {
        return FlopsPerToken.of(model, length);
    }

    /** What the model has more than its preset's. */
    long addedParameters() {
        return model.parameters() - base.parameters();
    }

    /** Of one replica in training with AdamW in 32 bits, one sequence at a time. */
    ReplicaMemory memory() {
        return ReplicaMemory.of(model, TrainingConfig.ADAMW, 1, length);
    }

    /** The parameters in the order of the model's flat space; all layers are alike. */
    List<Tensors> tensors() {
        Map<String, Tensors> byName = new LinkedHashMap<>();
        for (Parameter parameter : ParameterLayout.of(model).parameters()) {
            String name = parameter.name().replaceFirst("\\.layers\\.\\d+\\.", ".layers.*.");
            byName.merge(
                    name,
                    new Tensors(name, parameter.shape(), 1),
                    (known, another) -> new Tensors(name, known.shape(), known.copies() + 1));
        }
        return new ArrayList<>(byName.values());
    }
}

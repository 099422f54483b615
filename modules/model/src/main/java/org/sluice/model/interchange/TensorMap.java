package org.sluice.model.interchange;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.GateGranularity;
import org.sluice.model.GatePosition;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.model.ParameterNames;
import org.sluice.tensor.Shape;

/**
 * Which tensors a format has for a model, and of which parts of the flat parameter space each is made. The parts of all tensors together are
 * the flat space, each element once.
 *
 * <p>Three things differ between the flat space and files: experts are stacked in one parameter and lie in a tensor each; the gate may lie
 * between the rows of the queries; and norms may be stored less 1.
 */
final class TensorMap {
    /** The width of a shared expert of zeros: the least that eight devices can divide between them. */
    static final int SHARED_EXPERT_WIDTH = 8;

    private final DecoderConfig model;
    private final ForeignFormat format;
    private final ParameterLayout layout;
    private final Map<String, Parameter> gateOfQuery = new HashMap<>();
    private final List<ForeignTensor> tensors = new ArrayList<>();

    private TensorMap(DecoderConfig model, ForeignFormat format) {
        this.model = model;
        this.format = format;
        this.layout = ParameterLayout.of(model);
    }

    /** The tensors in the order of the flat space, and behind them those that hold nothing of it. */
    static List<ForeignTensor> of(DecoderConfig model, ForeignFormat format) {
        TensorMap map = new TensorMap(model, format);
        if (format.layout() != GateLayout.SEPARATE && !model.gates().isEmpty()) {
            map.mergeGatesIntoQueries();
        }
        map.layout.parameters().forEach(map::add);
        if (format == ForeignFormat.QWEN3_NEXT && model.mixture().isPresent()) {
            map.addSharedExperts();
        }
        return List.copyOf(map.tensors);
    }

    private void mergeGatesIntoQueries() {
        for (int layer = 0; layer < model.layers(); layer++) {
            ParameterNames names = new ParameterNames(layer);
            gateOfQuery.put(names.query(), layout.named(names.gate(GatePosition.SDPA_OUTPUT)));
        }
    }

    private void add(Parameter parameter) {
        if (gateOfQuery.containsKey(parameter.name())) {
            addQueryWithGate(parameter, gateOfQuery.get(parameter.name()));
        } else if (parameter.shape().rank() == 3) {
            addExperts(parameter);
        } else if (!gateOfQuery.containsValue(parameter)) {
            tensors.add(new ForeignTensor(
                    parameter.name(),
                    parameter.shape(),
                    isNormStoredLessOne(parameter)
                            ? ForeignTensor.Content.WEIGHTS_LESS_ONE
                            : ForeignTensor.Content.WEIGHTS,
                    List.of(new TensorPiece(parameter.offset(), parameter.elements()))));
        }
    }

    /** In the models that have this format, the only vectors are norms. */
    private boolean isNormStoredLessOne(Parameter parameter) {
        return format == ForeignFormat.QWEN3_NEXT && parameter.shape().rank() == 1;
    }

    private void addExperts(Parameter stacked) {
        long out = stacked.shape().dimension(1);
        long in = stacked.shape().dimension(2);
        for (int expert = 0; expert < stacked.shape().dimension(0); expert++) {
            tensors.add(new ForeignTensor(
                    stacked.name().replace(".experts.", ".experts." + expert + "."),
                    Shape.of(out, in),
                    ForeignTensor.Content.WEIGHTS,
                    List.of(new TensorPiece(stacked.offset() + expert * out * in, out * in))));
        }
    }

    private void addQueryWithGate(Parameter query, Parameter gate) {
        int blocks = format.layout() == GateLayout.PER_GROUP ? model.kvHeads() : model.heads();
        long queryElements = query.elements() / blocks;
        long gateElements = gate.elements() / blocks;
        List<TensorPiece> pieces = new ArrayList<>();
        for (int block = 0; block < blocks; block++) {
            pieces.add(new TensorPiece(query.offset() + block * queryElements, queryElements));
            pieces.add(new TensorPiece(gate.offset() + block * gateElements, gateElements));
        }
        tensors.add(new ForeignTensor(
                query.name(),
                Shape.of(model.queryWidth() + gateRows(), model.hidden()),
                ForeignTensor.Content.WEIGHTS,
                pieces));
    }

    private int gateRows() {
        GateConfig gate = model.gates().get(0);
        return gate.granularity() == GateGranularity.HEADWISE ? model.heads() : model.queryWidth();
    }

    private void addSharedExperts() {
        for (int layer = 0; layer < model.layers(); layer++) {
            String prefix = "model.layers." + layer + ".mlp.";
            addZeros(prefix + "shared_expert.gate_proj.weight", SHARED_EXPERT_WIDTH, model.hidden());
            addZeros(prefix + "shared_expert.up_proj.weight", SHARED_EXPERT_WIDTH, model.hidden());
            addZeros(prefix + "shared_expert.down_proj.weight", model.hidden(), SHARED_EXPERT_WIDTH);
            addZeros(prefix + "shared_expert_gate.weight", 1, model.hidden());
        }
    }

    private void addZeros(String name, int out, int in) {
        tensors.add(new ForeignTensor(name, Shape.of(out, in), ForeignTensor.Content.ZEROS, List.of()));
    }
}

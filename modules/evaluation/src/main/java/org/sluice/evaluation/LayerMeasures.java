package org.sluice.evaluation;

import java.util.ArrayList;
import java.util.List;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ForwardObserver;
import org.sluice.model.GateConfig;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** Watches forward passes and adds up, layer by layer, what attention, gates and hidden states do on real tokens. */
final class LayerMeasures implements ForwardObserver, AutoCloseable {
    private final Backend backend;
    private final Arena arena;
    private final Tensor probabilityPerHead;
    private final Tensor scalar;
    private final GateMeasures gates;
    private final List<LayerSums> layers;
    private RealRows rows;

    LayerMeasures(Backend backend, DecoderConfig model) {
        this.backend = backend;
        this.arena = backend.newArena("evaluation");
        this.probabilityPerHead = arena.allocate("firstTokenProbability", DType.FLOAT64, Shape.of(model.heads()));
        this.scalar = arena.allocate("statistic", DType.FLOAT64, Shape.of(1));
        this.gates = new GateMeasures(backend.memory());
        this.layers = new ArrayList<>(PartialEvaluation.empty(model).layers());
    }

    /** Says which rows of the next forward pass count. */
    void startBatch(RealRows realRows) {
        this.rows = realRows;
    }

    /** What was seen so far. */
    List<LayerSums> layers() {
        return List.copyOf(layers);
    }

    @Override
    public void attention(int layer, Tensor query, Tensor key, Tensor logSumExp, Tensor firstVisible, double scale) {
        backend.attention()
                .firstTokenProbability(
                        sequences(query),
                        sequences(key),
                        sequences(firstVisible),
                        scale,
                        sequences(logSumExp),
                        probabilityPerHead);
        double probability = 0;
        for (double ofHead : backend.memory().readDoubles(probabilityPerHead)) {
            // A row of padding sees itself alone, so that it added exactly 1.
            probability += ofHead - rows.padding();
        }
        long queries = rows.count() * probabilityPerHead.elements();
        layers.set(layer, layers.get(layer).plusAttention(probability, queries));
    }

    @Override
    public void gate(int layer, GateConfig gate, Tensor logits, Tensor before, Tensor after) {
        layers.set(layer, layers.get(layer).plusGate(gates.of(gate, rows, logits, before, after)));
    }

    @Override
    public void layerOutput(int layer, Tensor hidden) {
        long perRow = hidden.elements() / rows.batchRows();
        double largest = 0;
        for (RealRows.Run run : rows.runs()) {
            Tensor real = hidden.slice(hidden.name(), run.first() * perRow, Shape.of(run.count() * perRow));
            backend.statistics().maxAbsolute(real, scalar);
            largest = Math.max(largest, backend.memory().scalar(scalar));
        }
        layers.set(layer, layers.get(layer).plusActivation(largest));
    }

    @Override
    public void close() {
        arena.close();
    }

    /** The sequences of a tensor [B, ...] that hold a block; what fills up the batch comes after them. */
    private Tensor sequences(Tensor tensor) {
        Shape shape = tensor.shape();
        long[] dimensions = new long[shape.rank()];
        for (int index = 0; index < dimensions.length; index++) {
            dimensions[index] = index == 0 ? rows.sequences() : shape.dimension(index);
        }
        return tensor.slice(tensor.name(), 0, Shape.of(dimensions));
    }
}

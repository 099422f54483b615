package org.sluice.evaluation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sluice.model.DecoderConfig;

/**
 * The evaluation of some token blocks. Parts of a held-out set, evaluated anywhere, merge into the evaluation of the whole.
 *
 * <p>Merging adds in the order of the calls, so the same parts merged in the same order give the same bits.
 *
 * @param domains the loss by domain, in the order of their names
 * @param layers one entry a layer, the layer next to the embedding first
 */
public record PartialEvaluation(SortedMap<String, LossSum> domains, List<LayerSums> layers) implements Serializable {

    public PartialEvaluation {
        domains = new TreeMap<>(domains);
        layers = List.copyOf(layers);
    }

    /** The evaluation of a model on no blocks at all. */
    public static PartialEvaluation empty(DecoderConfig model) {
        return new PartialEvaluation(new TreeMap<>(), Collections.nCopies(model.layers(), LayerSums.nothing(model)));
    }

    /** The blocks behind this evaluation. */
    public long blocks() {
        return domains.values().stream().mapToLong(LossSum::blocks).sum();
    }

    /** The tokens that were predicted. */
    public long targets() {
        return domains.values().stream().mapToLong(LossSum::targets).sum();
    }

    /**
     * The evaluation of this part's blocks and the other's.
     *
     * @throws IllegalArgumentException if the two come from models with different layers or gates
     */
    public PartialEvaluation merge(PartialEvaluation other) {
        if (layers.size() != other.layers.size()) {
            throw new IllegalArgumentException(
                    "an evaluation of " + layers.size() + " layers cannot be merged with one of " + other.layers.size()
                            + " layers; both must come from the same model");
        }
        SortedMap<String, LossSum> mergedDomains = new TreeMap<>(domains);
        other.domains.forEach((domain, loss) -> mergedDomains.merge(domain, loss, LossSum::plus));
        List<LayerSums> mergedLayers = new ArrayList<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            mergedLayers.add(layers.get(layer).plus(other.layers.get(layer)));
        }
        return new PartialEvaluation(mergedDomains, mergedLayers);
    }

    /**
     * The figures of all blocks merged so far.
     *
     * @throws IllegalStateException if no token was predicted at all
     */
    public EvaluationResult result() {
        return EvaluationResult.of(this);
    }
}

package org.sluice.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sluice.tensor.Shape;

/**
 * The order of a model's parameters in its one flat space: back to back, without gaps.
 *
 * <p>All matrices come first: the embedding, then layer by layer those of attention (query, key, value, what stands at the gate positions,
 * output) and of the feed-forward layer (gate, up, down; with a mixture the router, then the same stacked for all experts), then the
 * classifier if it is untied. All vectors follow, layer by layer: norm weights and gates that are learned without an input. So what
 * weight decay applies to, which is every matrix, embedding and classifier included, is the one range {@code 0 .. decayedElements}.
 *
 * <p>Before training, norm weights are 1, learned gates 0, and matrices are drawn from a normal distribution of mean 0 with the standard
 * deviation of {@link DecoderConfig#initialStandardDeviation}; the projections of each layer that write into the residual stream
 * (attention output and feed-forward down) have it divided by {@code sqrt(2 * layers)}, so that the stream does not grow with depth
 * (Radford et al. 2019). A gate that starts from zero has a zero weight.
 */
public final class ParameterLayout {
    private final List<Parameter> parameters;
    private final Map<String, Parameter> byName;
    private final long elements;
    private final long decayedElements;
    private final List<ExpertRange> expertRanges;

    private ParameterLayout(List<Parameter> parameters, List<ExpertRange> expertRanges) {
        this.parameters = Collections.unmodifiableList(parameters);
        this.expertRanges = List.copyOf(expertRanges);
        this.byName = new LinkedHashMap<>();
        parameters.forEach(parameter -> byName.put(parameter.name(), parameter));
        this.elements = parameters.get(parameters.size() - 1).end();
        this.decayedElements = parameters.stream()
                .filter(Parameter::decayed)
                .mapToLong(Parameter::elements)
                .sum();
    }

    /** The layout of a model's parameters. */
    public static ParameterLayout of(DecoderConfig config) {
        return new Builder(config).build();
    }

    /** All parameters in the order of the flat space. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** The size of the flat space; equal to {@link DecoderConfig#parameters}. */
    public long elements() {
        return elements;
    }

    /** Weight decay applies to exactly the elements before this one. */
    public long decayedElements() {
        return decayedElements;
    }

    /** The parts of the flat space that belong to single experts, ascending and disjoint; empty for a dense model. */
    public List<ExpertRange> expertRanges() {
        return expertRanges;
    }

    /**
     * The parameter of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Parameter named(String name) {
        Parameter parameter = byName.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("this model has no parameter '" + name + "'; it has " + parameters.size()
                    + " from " + parameters.get(0).name() + " to "
                    + parameters.get(parameters.size() - 1).name());
        }
        return parameter;
    }

    /**
     * The parameter that an element of the flat space belongs to.
     *
     * @throws IndexOutOfBoundsException if the element is outside the flat space
     */
    public Parameter at(long element) {
        if (element < 0 || element >= elements) {
            throw new IndexOutOfBoundsException(
                    "element " + element + " is outside the flat space of " + elements + " elements");
        }
        int low = 0;
        int high = parameters.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (parameters.get(middle).offset() <= element) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return parameters.get(low);
    }

    private static final class Builder {
        private final DecoderConfig config;
        private final List<Parameter> parameters = new ArrayList<>();
        private final List<ExpertRange> expertRanges = new ArrayList<>();
        private long offset;

        Builder(DecoderConfig config) {
            this.config = config;
        }

        ParameterLayout build() {
            int hidden = config.hidden();
            double deviation = config.initialStandardDeviation();
            matrix(ParameterNames.EMBEDDING, config.vocabulary(), hidden, deviation);
            for (int layer = 0; layer < config.layers(); layer++) {
                attentionMatrices(new ParameterNames(layer));
                feedForwardMatrices(new ParameterNames(layer), layer);
            }
            if (!config.tiedEmbedding()) {
                matrix(ParameterNames.CLASSIFIER, config.vocabulary(), hidden, deviation);
            }
            for (int layer = 0; layer < config.layers(); layer++) {
                layerVectors(new ParameterNames(layer));
            }
            norm(ParameterNames.FINAL_NORM, hidden);
            return new ParameterLayout(parameters, expertRanges);
        }

        private void attentionMatrices(ParameterNames names) {
            int hidden = config.hidden();
            double deviation = config.initialStandardDeviation();
            int keyExperts = config.headExpertsAt(GatePosition.KEY);
            int valueExperts = config.headExpertsAt(GatePosition.VALUE);
            matrix(names.query(), config.queryWidth(), hidden, deviation);
            matrix(names.key(), Math.multiplyExact(config.keyWidth(), keyExperts), hidden, deviation);
            matrix(names.value(), Math.multiplyExact(config.keyWidth(), valueExperts), hidden, deviation);
            for (AttentionModifier modifier : config.modifiers()) {
                if (modifier instanceof GateConfig gate && gate.source() == GateSource.HIDDEN) {
                    boolean fromZero = gate.initialisation() == GateInitialisation.ZERO;
                    int scores = ParameterCounts.scores(config, gate);
                    matrix(names.gate(gate.position()), scores, hidden, fromZero ? 0 : deviation);
                } else if (modifier instanceof SwitchHeads switched) {
                    int scores = Math.multiplyExact(config.kvHeads(), switched.experts());
                    matrix(names.switchHeads(switched.position()), scores, hidden, deviation);
                }
            }
            matrix(names.attentionOutput(), hidden, config.queryWidth(), residualDeviation());
        }

        private void feedForwardMatrices(ParameterNames names, int layer) {
            int hidden = config.hidden();
            int ffn = config.ffn();
            double deviation = config.initialStandardDeviation();
            if (config.mixture().isPresent()) {
                matrix(names.router(), config.mixture().experts(), hidden, deviation);
                experts(names.expertGate(), layer, ffn, hidden, deviation);
                experts(names.expertUp(), layer, ffn, hidden, deviation);
                experts(names.expertDown(), layer, hidden, ffn, residualDeviation());
            } else {
                matrix(names.feedForwardGate(), ffn, hidden, deviation);
                matrix(names.feedForwardUp(), ffn, hidden, deviation);
                matrix(names.feedForwardDown(), hidden, ffn, residualDeviation());
            }
        }

        private void layerVectors(ParameterNames names) {
            int hidden = config.hidden();
            norm(names.attentionNorm(), hidden);
            norm(names.queryNorm(), config.headDim());
            norm(names.keyNorm(), config.headDim());
            for (AttentionModifier modifier : config.modifiers()) {
                if (modifier instanceof HeadNorm) {
                    norm(names.headNorm(), config.headDim());
                } else if (modifier instanceof GateConfig gate && gate.source() == GateSource.LEARNED) {
                    Shape shape = Shape.of(ParameterCounts.scores(config, gate), 1);
                    add(names.gate(gate.position()), shape, false, 0, 0);
                }
            }
            if (config.sandwichNorm()) {
                norm(names.attentionSandwichNorm(), hidden);
            }
            norm(names.feedForwardNorm(), hidden);
            if (config.sandwichNorm()) {
                norm(names.feedForwardSandwichNorm(), hidden);
            }
        }

        private double residualDeviation() {
            return config.initialStandardDeviation() / Math.sqrt(2.0 * config.layers());
        }

        private void experts(String name, int layer, int out, int in, double deviation) {
            int experts = config.mixture().experts();
            long each = Math.multiplyExact((long) out, in);
            for (int expert = 0; expert < experts; expert++) {
                long from = Math.addExact(offset, each * expert);
                expertRanges.add(new ExpertRange(from, from + each, layer, expert));
            }
            add(name, Shape.of(experts, out, in), true, 0, deviation);
        }

        private void matrix(String name, int out, int in, double deviation) {
            add(name, Shape.of(out, in), true, 0, deviation);
        }

        private void norm(String name, int size) {
            add(name, Shape.of(size), false, 1, 0);
        }

        private void add(String name, Shape shape, boolean decayed, double mean, double deviation) {
            parameters.add(new Parameter(name, shape, offset, decayed, mean, deviation));
            offset = Math.addExact(offset, shape.elements());
        }
    }
}

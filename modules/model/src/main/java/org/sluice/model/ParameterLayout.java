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
 * <p>All matrices come first: the embedding, then layer by layer those of attention (query, key, value, gate, output) and of the
 * feed-forward layer (gate, up, down), then the classifier if it is untied. All norm weights follow, in the same order. So what weight
 * decay applies to, which is every matrix, embedding and classifier included, is the one range {@code 0 .. decayedElements}, and no
 * norm weight is in it.
 *
 * <p>Before training, norm weights are 1 and matrices are drawn from a normal distribution of mean 0 with the standard deviation of
 * {@link DecoderConfig#initialStandardDeviation}; the two projections of each layer that write into the residual stream (attention
 * output and feed-forward down) have it divided by {@code sqrt(2 * layers)}, so that the stream does not grow with depth (Radford et
 * al. 2019).
 */
public final class ParameterLayout {
    private final List<Parameter> parameters;
    private final Map<String, Parameter> byName;
    private final long elements;
    private final long decayedElements;

    private ParameterLayout(List<Parameter> parameters) {
        this.parameters = Collections.unmodifiableList(parameters);
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
        private long offset;

        Builder(DecoderConfig config) {
            this.config = config;
        }

        ParameterLayout build() {
            int hidden = config.hidden();
            matrix(ParameterNames.EMBEDDING, config.vocabulary(), hidden, config.initialStandardDeviation());
            for (int layer = 0; layer < config.layers(); layer++) {
                layerMatrices(new ParameterNames(layer));
            }
            if (!config.tiedEmbedding()) {
                matrix(ParameterNames.CLASSIFIER, config.vocabulary(), hidden, config.initialStandardDeviation());
            }
            for (int layer = 0; layer < config.layers(); layer++) {
                ParameterNames names = new ParameterNames(layer);
                norm(names.attentionNorm(), hidden);
                norm(names.queryNorm(), config.headDim());
                norm(names.keyNorm(), config.headDim());
                norm(names.feedForwardNorm(), hidden);
            }
            norm(ParameterNames.FINAL_NORM, hidden);
            return new ParameterLayout(parameters);
        }

        private void layerMatrices(ParameterNames names) {
            int hidden = config.hidden();
            double deviation = config.initialStandardDeviation();
            double residualDeviation = deviation / Math.sqrt(2.0 * config.layers());
            matrix(names.query(), config.queryWidth(), hidden, deviation);
            matrix(names.key(), config.keyWidth(), hidden, deviation);
            matrix(names.value(), config.keyWidth(), hidden, deviation);
            if (config.gate().isPresent()) {
                int scores = config.gate().scoresPerToken(config.heads(), config.headDim());
                matrix(names.attentionGate(), scores, hidden, deviation);
            }
            matrix(names.attentionOutput(), hidden, config.queryWidth(), residualDeviation);
            matrix(names.feedForwardGate(), config.ffn(), hidden, deviation);
            matrix(names.feedForwardUp(), config.ffn(), hidden, deviation);
            matrix(names.feedForwardDown(), hidden, config.ffn(), residualDeviation);
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

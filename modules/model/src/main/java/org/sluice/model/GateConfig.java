package org.sluice.model;

import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;

/**
 * A gate at one position of every attention layer (arXiv 2505.06708): with {@code X} the hidden state after the pre-attention RMSNorm and
 * {@code Y} what is gated, {@code Y' = Y * activation(X W^T)} or {@code Y' = Y + activation(X W^T)}.
 *
 * @param granularity headwise is not offered at {@link GatePosition#DENSE_OUTPUT}, where there are no heads
 * @param headShared whether the mean over heads of the elementwise scores gates every head; elementwise only, and only where there are
 *     heads
 * @param source what the logits are made of; {@link GateSource#SELF} is elementwise
 * @param initialisation of the weight; a learned gate is zero always, a gate without parameters has none
 */
public record GateConfig(
        GatePosition position,
        GateGranularity granularity,
        boolean headShared,
        GateCombine combine,
        GateActivation activation,
        GateSource source,
        GateInitialisation initialisation)
        implements AttentionModifier {
    /** G1 elementwise, the gate that the paper recommends. */
    public static final GateConfig SDPA_ELEMENTWISE = elementwise(GatePosition.SDPA_OUTPUT);

    /** G1 headwise. */
    public static final GateConfig SDPA_HEADWISE = headwise(GatePosition.SDPA_OUTPUT);

    /**
     * Checks that the components agree.
     *
     * @throws IllegalArgumentException if they do not; the message says which and why
     */
    public GateConfig {
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(granularity, "granularity");
        Objects.requireNonNull(combine, "combine");
        Objects.requireNonNull(activation, "activation");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(initialisation, "initialisation");
        boolean headwise = granularity == GateGranularity.HEADWISE;
        boolean dense = position == GatePosition.DENSE_OUTPUT;
        require(
                !(headwise && dense),
                "a headwise gate at dense_output: there are no heads behind the output projection");
        require(!(headShared && dense), "a head-shared gate at dense_output: there are no heads there");
        require(!(headShared && headwise), "a headwise gate that is head-shared: heads share elementwise scores only");
        require(!(source == GateSource.SELF && headwise), "a headwise gate of the gated values themselves");
        require(
                source != GateSource.LEARNED || initialisation == GateInitialisation.ZERO,
                "a learned gate with random initialisation: it starts from zero");
    }

    /** A multiplicative sigmoid gate with a score for each value. */
    public static GateConfig elementwise(GatePosition position) {
        return sigmoid(position, GateGranularity.ELEMENTWISE);
    }

    /** A multiplicative sigmoid gate with a score for each head. */
    public static GateConfig headwise(GatePosition position) {
        return sigmoid(position, GateGranularity.HEADWISE);
    }

    private static GateConfig sigmoid(GatePosition position, GateGranularity granularity) {
        return new GateConfig(
                position,
                granularity,
                false,
                GateCombine.MULTIPLICATIVE,
                GateActivation.SIGMOID,
                GateSource.HIDDEN,
                GateInitialisation.RANDOM);
    }

    /** The same gate whose heads share their scores. */
    public GateConfig shared() {
        return new GateConfig(position, granularity, true, combine, activation, source, initialisation);
    }

    /** The same gate, added instead of multiplied. */
    public GateConfig additive() {
        return new GateConfig(
                position, granularity, headShared, GateCombine.ADDITIVE, activation, source, initialisation);
    }

    /** The same gate with another activation. */
    public GateConfig with(GateActivation newActivation) {
        return new GateConfig(position, granularity, headShared, combine, newActivation, source, initialisation);
    }

    /** The same gate with another source; a learned one starts from zero. */
    public GateConfig from(GateSource newSource) {
        return new GateConfig(
                position,
                granularity,
                headShared,
                combine,
                activation,
                newSource,
                newSource == GateSource.LEARNED ? GateInitialisation.ZERO : initialisation);
    }

    /** The same gate, its weight zero before training. */
    public GateConfig startingFromZero() {
        return new GateConfig(position, granularity, headShared, combine, activation, source, GateInitialisation.ZERO);
    }

    /** The formula of the gate. */
    public GateFunction function() {
        return new GateFunction(activation, combine, headShared);
    }

    /** Whether it is one that the published models have: G1, multiplicative, sigmoid, from the hidden state, each head its own. */
    public boolean isPublished() {
        return position == GatePosition.SDPA_OUTPUT
                && source == GateSource.HIDDEN
                && function().equals(GateFunction.SIGMOID);
    }

    /** The gate in words for reports and messages: {@code sdpa_output elementwise}, with all that differs from the default. */
    @Override
    public String toString() {
        return Stream.of(
                        position.id(),
                        granularity.id(),
                        headShared ? "head_shared" : "",
                        combine == GateCombine.MULTIPLICATIVE ? "" : combine.name(),
                        activation == GateActivation.SIGMOID ? "" : activation.name(),
                        source == GateSource.HIDDEN ? "" : source.name(),
                        source == GateSource.HIDDEN && initialisation == GateInitialisation.ZERO ? "from_zero" : "")
                .filter(part -> !part.isEmpty())
                .map(part -> part.toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" "));
    }

    private static void require(boolean good, String refused) {
        if (!good) {
            throw new IllegalArgumentException(refused);
        }
    }
}

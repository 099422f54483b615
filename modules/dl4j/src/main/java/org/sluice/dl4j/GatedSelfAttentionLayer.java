package org.sluice.dl4j;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.InputTypeUtil;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.sluice.model.AttentionModifier;
import org.sluice.model.DecoderConfig;
import org.sluice.model.RopeConfig;

/**
 * Causal grouped-query attention with QK-norm, RoPE and gates (arXiv 2505.06708), as every layer of a Sluice decoder has it, for networks
 * of DeepLearning4j. Input and output are recurrent activations {@code [B, D, T]} (NCW) of type float or double; {@code T} may differ from
 * call to call. There is no norm before it, no residual add behind it, and no sandwich norm.
 *
 * <p>With a feature mask {@code [B, T]} a step that is masked is as if it were not there, whatever finite values it holds: no other step sees
 * it, its own output is 0, and no gradient goes through it. Steps count from the start of the input, masked or not; as RoPE knows distances only, it makes no difference
 * on which side a sequence is padded.
 *
 * <p>Matrices are weights to DeepLearning4j; norm weights and learned gates, to which Sluice applies no weight decay, are biases.
 */
public final class GatedSelfAttentionLayer extends SameDiffLayer {
    private static final String OUTPUT = "output";

    @JsonProperty
    private AttentionSettings settings;

    /** For Jackson. */
    private GatedSelfAttentionLayer() {}

    private GatedSelfAttentionLayer(Builder builder, AttentionSettings settings) {
        super(builder);
        this.settings = settings;
    }

    /**
     * A builder for the attention of one layer of a decoder: its settings, and its random initial weights from the same distribution. To
     * carry weights over is what {@link CheckpointWeights} does.
     *
     * @param layer counted from 0; its name becomes the layer's
     * @throws IllegalArgumentException if the decoder has no such layer
     */
    public static Builder builderFor(DecoderConfig model, int layer) {
        Builder builder = new Builder(AttentionSettings.of(model)).name("model.layers." + layer + ".self_attn");
        for (LayerParameter parameter : LayerParameter.of(AttentionSettings.of(model))) {
            double deviation = parameter.in(model, layer).initialStandardDeviation();
            if (deviation > 0) {
                builder.weightInit(parameter.key(), new WeightInitDistribution(new NormalDistribution(0, deviation)));
            }
        }
        return builder;
    }

    public AttentionSettings settings() {
        return settings;
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        long size = recurrent(inputType).getSize();
        if (settings.hidden() == AttentionSettings.UNKNOWN) {
            settings = settings.withHidden(Math.toIntExact(size));
            setLayerParams(null);
        } else if (settings.hidden() != size) {
            throw new IllegalStateException(described() + " has a hidden size of " + settings.hidden()
                    + ", but its input has " + size + " features; give it hidden(" + size
                    + "), or put a layer before it that has " + settings.hidden() + " outputs");
        }
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return InputType.recurrent(settings.hidden(), recurrent(inputType).getTimeSeriesLength(), RNNFormat.NCW);
    }

    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return InputTypeUtil.getPreprocessorForInputTypeRnnLayers(inputType, RNNFormat.NCW, getLayerName());
    }

    @Override
    public void defineParameters(SDLayerParams params) {
        params.clear();
        if (settings.hidden() == AttentionSettings.UNKNOWN) {
            throw new IllegalStateException(described() + " does not know its hidden size: give it hidden(...), or give"
                    + " the network its input type with setInputType(InputType.recurrent(...))");
        }
        for (LayerParameter parameter : LayerParameter.of(settings)) {
            if (parameter.parameter().decayed()) {
                params.addWeightParam(parameter.key(), parameter.shape());
            } else {
                params.addBiasParam(parameter.key(), parameter.shape());
            }
        }
    }

    /** Norm weights become 1; learned gates, and gates that start from zero, 0; all else is as the weight initialisation says. */
    @Override
    public void initializeParameters(Map<String, INDArray> params) {
        try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            for (LayerParameter parameter : LayerParameter.of(settings)) {
                IWeightInit own = paramWeightInit == null ? null : paramWeightInit.get(parameter.key());
                parameter.initialise(params.get(parameter.key()), weightInit, Optional.ofNullable(own));
            }
        }
    }

    @Override
    public SDVariable defineLayer(
            SameDiff sameDiff, SDVariable layerInput, Map<String, SDVariable> paramTable, SDVariable mask) {
        SDVariable result = new AttentionGraph(sameDiff, settings, layerInput, paramTable, mask).output();
        // DeepLearning4j feeds the gradient that comes in under this name. Its own way of putting it into the graph
        // counts
        // it twice (1.0.0-M2.1), and is not taken where there is a loss.
        SDVariable gradient = sameDiff.placeHolder(OUTPUT + "-grad", layerInput.dataType(), -1, settings.hidden(), -1);
        result.mul(gradient).sum().markAsLoss();
        return sameDiff.identity(OUTPUT, result);
    }

    /**
     * Checks an input.
     *
     * @throws IllegalArgumentException if it is not {@code [B, D, T]}, or neither float nor double
     */
    @Override
    public void validateInput(INDArray input) {
        if (input.rank() != 3 || input.size(1) != settings.hidden()) {
            throw new IllegalArgumentException(described() + " takes input of shape [batch, " + settings.hidden()
                    + ", time], not " + input.shapeInfoToString());
        }
        if (input.dataType() != DataType.FLOAT && input.dataType() != DataType.DOUBLE) {
            throw new IllegalArgumentException(described() + " computes in FLOAT or DOUBLE, not in " + input.dataType()
                    + "; set dataType(DataType.FLOAT) where the network is configured");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GatedSelfAttentionLayer layer && super.equals(layer) && settings.equals(layer.settings);
    }

    /** Not from all that {@link #equals} compares: the superclass's own differs between equal layers, as it takes that of arrays. */
    @Override
    public int hashCode() {
        return Objects.hash(getLayerName(), settings);
    }

    @Override
    public String toString() {
        return described() + " with " + settings;
    }

    private String described() {
        return "GatedSelfAttentionLayer" + (getLayerName() == null ? "" : " '" + getLayerName() + "'");
    }

    private InputType.InputTypeRecurrent recurrent(InputType inputType) {
        if (inputType instanceof InputType.InputTypeRecurrent recurrent && recurrent.getFormat() == RNNFormat.NCW) {
            return recurrent;
        }
        throw new IllegalStateException(described() + " takes recurrent input [batch, features, time] (NCW), not "
                + inputType + "; declare the input with InputType.recurrent(features)");
    }

    /** Builds the layer; what is not given is what Sluice's presets have, and as many key/value heads as heads. */
    // The superclass lets the caller choose the type of what is built; every layer's builder narrows that.
    @SuppressWarnings("unchecked")
    public static final class Builder extends SameDiffLayer.Builder<Builder> {
        private int hidden;
        private int heads;
        private int kvHeads;
        private int headDim;
        private RopeConfig rope;
        private double normEpsilon;
        private List<AttentionModifier> modifiers;

        public Builder() {
            rope = RopeConfig.of(10_000);
            normEpsilon = 1e-6;
            modifiers = List.of();
        }

        private Builder(AttentionSettings settings) {
            hidden = settings.hidden();
            heads = settings.heads();
            kvHeads = settings.kvHeads();
            headDim = settings.headDim();
            rope = settings.rope();
            normEpsilon = settings.normEpsilon();
            modifiers = settings.modifiers();
        }

        /** The size of input and output {@code D}; without it, that of the network's input type. */
        public Builder hidden(int value) {
            hidden = value;
            return this;
        }

        /** Query heads {@code H}; needed. */
        public Builder heads(int value) {
            heads = value;
            return this;
        }

        /** Key/value heads {@code K}, a divisor of the query heads. */
        public Builder kvHeads(int value) {
            kvHeads = value;
            return this;
        }

        /** Values of one head {@code E}, even; needed. */
        public Builder headDim(int value) {
            headDim = value;
            return this;
        }

        public Builder rope(RopeConfig value) {
            rope = value;
            return this;
        }

        public Builder normEpsilon(double value) {
            normEpsilon = value;
            return this;
        }

        /** What stands at the positions of attention: gates, the norm of heads, switch heads. */
        public Builder modifiers(AttentionModifier... value) {
            modifiers = List.of(value);
            return this;
        }

        /**
         * Builds the layer.
         *
         * @throws IllegalArgumentException if a setting is out of range, or is one that DeepLearning4j does not apply to layers of this kind
         */
        @Override
        public GatedSelfAttentionLayer build() {
            if (iDropout != null) {
                throw new IllegalArgumentException(
                        "dropOut(" + iDropout + ") of a GatedSelfAttentionLayer would have no"
                                + " effect, as DeepLearning4j applies none to SameDiff layers; put a DropoutLayer before it");
            }
            if (allParamConstraints != null || weightConstraints != null || biasConstraints != null) {
                throw new IllegalArgumentException("constraints of a GatedSelfAttentionLayer would have no effect, as"
                        + " DeepLearning4j applies none to SameDiff layers; leave them out");
            }
            int someKvHeads = kvHeads == 0 ? heads : kvHeads;
            return new GatedSelfAttentionLayer(
                    this, new AttentionSettings(hidden, heads, someKvHeads, headDim, rope, normEpsilon, modifiers));
        }
    }
}

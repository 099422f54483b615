package org.sluice.dl4j;

import java.io.Serializable;
import java.util.List;
import org.nd4j.shade.jackson.annotation.JsonIgnoreProperties;
import org.nd4j.shade.jackson.annotation.JsonSubTypes;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;
import org.sluice.model.AttentionModifier;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.HeadNorm;
import org.sluice.model.MixtureConfig;
import org.sluice.model.RopeConfig;
import org.sluice.model.SwitchHeads;

/**
 * What of a {@link DecoderConfig} shapes its attention: the settings of a {@link GatedSelfAttentionLayer}, as DeepLearning4j writes them
 * into the JSON of a network.
 *
 * @param hidden the size of input and output {@code D}; {@link #UNKNOWN} until the network's input type tells it
 * @param heads query heads {@code H}
 * @param kvHeads key/value heads {@code K}, a divisor of {@code heads}
 * @param headDim values of one head {@code E}, even
 * @param rope the rotary position embedding
 * @param normEpsilon the epsilon of every RMSNorm
 * @param modifiers what gates or changes the values, at most one at each position; kept in the order of positions
 */
public record AttentionSettings(
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        RopeConfig rope,
        double normEpsilon,

        @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
        @JsonSubTypes({
            @JsonSubTypes.Type(value = GateConfig.class, name = "gate"),
            @JsonSubTypes.Type(value = HeadNorm.class, name = "rms_norm"),
            @JsonSubTypes.Type(value = SwitchHeads.class, name = "switch_heads")
        })
        @JsonIgnoreProperties("published")
        List<AttentionModifier> modifiers)
        implements Serializable {
    /** The hidden size that is yet to be known. */
    public static final int UNKNOWN = 0;

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if one is out of range; the message names it, its value and what it must be
     */
    public AttentionSettings {
        int checkedHidden = hidden == UNKNOWN ? 1 : hidden;
        modifiers = decoder(checkedHidden, heads, kvHeads, headDim, rope, normEpsilon, modifiers)
                .modifiers();
    }

    /** The settings of a decoder's attention, the same in all its layers. */
    public static AttentionSettings of(DecoderConfig model) {
        return new AttentionSettings(
                model.hidden(),
                model.heads(),
                model.kvHeads(),
                model.headDim(),
                model.rope(),
                model.normEpsilon(),
                model.modifiers());
    }

    AttentionSettings withHidden(int newHidden) {
        return new AttentionSettings(newHidden, heads, kvHeads, headDim, rope, normEpsilon, modifiers);
    }

    /**
     * The smallest decoder with such attention: one layer, one token, a feed-forward size of 1.
     *
     * @throws IllegalArgumentException if the hidden size is unknown
     */
    DecoderConfig decoder() {
        return decoder(hidden, heads, kvHeads, headDim, rope, normEpsilon, modifiers);
    }

    private static DecoderConfig decoder(
            int hidden,
            int heads,
            int kvHeads,
            int headDim,
            RopeConfig rope,
            double normEpsilon,
            List<AttentionModifier> modifiers) {
        return new DecoderConfig(
                1,
                hidden,
                heads,
                kvHeads,
                headDim,
                1,
                MixtureConfig.DENSE,
                1,
                true,
                rope,
                normEpsilon,
                1,
                modifiers,
                false,
                0);
    }
}

package org.sluice.evaluation;

import java.util.List;
import org.sluice.model.AttentionModifier;
import org.sluice.model.DecoderConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.RopeConfig;

/** A model of two layers, small enough for plain loops. */
final class TinyModel {
    private TinyModel() {}

    static DecoderConfig of(AttentionModifier... modifiers) {
        return new DecoderConfig(
                2,
                10,
                4,
                2,
                6,
                14,
                MixtureConfig.DENSE,
                19,
                true,
                RopeConfig.of(100),
                1e-5,
                0.02,
                List.of(modifiers),
                false,
                0);
    }
}

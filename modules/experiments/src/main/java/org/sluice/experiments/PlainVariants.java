package org.sluice.experiments;

import static org.sluice.model.GateConfig.elementwise;
import static org.sluice.model.GateConfig.headwise;
import static org.sluice.model.GatePosition.DENSE_OUTPUT;
import static org.sluice.model.GatePosition.KEY;
import static org.sluice.model.GatePosition.QUERY;
import static org.sluice.model.GatePosition.SDPA_OUTPUT;
import static org.sluice.model.GatePosition.VALUE;

import java.util.List;
import java.util.function.UnaryOperator;
import org.sluice.model.AttentionModifier;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateSource;
import org.sluice.model.HeadNorm;
import org.sluice.model.MixtureConfig;
import org.sluice.model.SwitchHeads;
import org.sluice.tensor.GateActivation;

/** The changes of arXiv 2505.06708 that have a name of their own. */
final class PlainVariants {
    /** Of this many experts one more is added: 4 of the paper's 128. */
    private static final int EXPERTS_PER_ADDED_ONE = 32;

    static final List<Variant> ALL = List.of(
            modified("baseline", "no gate"),
            reference("more-kv-heads", "no gate, twice as many key/value heads", PlainVariants::moreKvHeads),
            reference("more-query-heads", "no gate, half as many query heads again", PlainVariants::moreQueryHeads),
            reference("more-experts", "no gate, one more expert for each 32", PlainVariants::moreExperts),
            modified(
                    "sdpa-elementwise",
                    "G1: a sigmoid gate for each value of each head's output",
                    elementwise(SDPA_OUTPUT)),
            modified("value-elementwise", "G2: a sigmoid gate for each value of the value heads", elementwise(VALUE)),
            modified("key-elementwise", "G3: a sigmoid gate for each value of the key heads", elementwise(KEY)),
            modified("query-elementwise", "G4: a sigmoid gate for each value of the query heads", elementwise(QUERY)),
            modified(
                    "dense-elementwise",
                    "G5: a sigmoid gate for each value behind the output projection",
                    elementwise(DENSE_OUTPUT)),
            modified("sdpa-headwise", "G1: one sigmoid gate for each head's output", headwise(SDPA_OUTPUT)),
            modified("value-headwise", "G2: one sigmoid gate for each value head", headwise(VALUE)),
            modified(
                    "sdpa-head-shared",
                    "G1: sigmoid gates for each value of a head's output, the same for all heads",
                    elementwise(SDPA_OUTPUT).shared()),
            modified(
                    "value-head-shared",
                    "G2: sigmoid gates for each value of a value head, the same for all heads",
                    elementwise(VALUE).shared()),
            modified(
                    "sdpa-additive-silu",
                    "G1: the SiLU of each logit added to each value of each head's output",
                    elementwise(SDPA_OUTPUT).additive().with(GateActivation.SILU)),
            modified(
                    "sdpa-silu",
                    "G1: each value of each head's output times the SiLU of its logit",
                    elementwise(SDPA_OUTPUT).with(GateActivation.SILU)),
            modified(
                    "sdpa-rms-norm",
                    "RMSNorm of each head's output, which is not linear but no gate",
                    HeadNorm.SDPA_OUTPUT),
            modified(
                    "sdpa-parameter-free-silu",
                    "G1: the SiLU of each head's output, without parameters",
                    elementwise(SDPA_OUTPUT).from(GateSource.SELF)),
            modified(
                    "sdpa-additive-identity",
                    "G1: each logit added to each value of each head's output, all linear",
                    elementwise(SDPA_OUTPUT).additive().with(GateActivation.IDENTITY)),
            modified(
                    "sdpa-input-independent",
                    "G1: sigmoid gates that are learned and the same for every token",
                    elementwise(SDPA_OUTPUT).from(GateSource.LEARNED)),
            modified(
                    "sdpa-ns-sigmoid",
                    "G1: gates of 0.5 + 0.5 sigmoid, which cannot be sparse",
                    elementwise(SDPA_OUTPUT).with(GateActivation.NS_SIGMOID)),
            modified(
                    "sdpa-from-one",
                    "G1: gates of 2 sigmoid with a weight of zero before training, so that all passes at first",
                    elementwise(SDPA_OUTPUT).startingFromZero().with(GateActivation.DOUBLE_SIGMOID)),
            modified(
                    "sdpa-value-elementwise",
                    "G1 and G2: sigmoid gates for each value of each head's output and of the value heads",
                    elementwise(SDPA_OUTPUT),
                    elementwise(VALUE)),
            changed(
                    "sandwich-norm",
                    "no gate, the output of each attention and feed-forward layer normalised",
                    model -> model.change().sandwichNorm(true).build()),
            changed("residual-clip-300", "no gate, the residual stream clipped at 300", clip(300)),
            changed("residual-clip-100", "no gate, the residual stream clipped at 100", clip(100)),
            modified(
                    "switch-kv-8top8",
                    "each key and value head the sum of 8 gated projections",
                    new SwitchHeads(KEY, 8, 8),
                    new SwitchHeads(VALUE, 8, 8)),
            modified(
                    "switch-kv-4top4",
                    "each key and value head the sum of 4 gated projections",
                    new SwitchHeads(KEY, 4, 4),
                    new SwitchHeads(VALUE, 4, 4)),
            modified("switch-v-4top4", "each value head the sum of 4 gated projections", new SwitchHeads(VALUE, 4, 4)),
            modified(
                    "switch-v-8top2",
                    "each value head the sum of 2 gated projections out of 8",
                    new SwitchHeads(VALUE, 8, 2)),
            modified(
                    "switch-v-1top1",
                    "each value head one gated projection, as value-headwise",
                    new SwitchHeads(VALUE, 1, 1)));

    private PlainVariants() {}

    private static Variant modified(String name, String description, AttentionModifier... modifiers) {
        return changed(name, description, model -> model.withModifiers(modifiers));
    }

    private static Variant changed(String name, String description, UnaryOperator<DecoderConfig> change) {
        return new Variant(name, description, change, false, 1);
    }

    private static Variant reference(String name, String description, UnaryOperator<DecoderConfig> change) {
        return new Variant(name, description, change, true, 1);
    }

    private static UnaryOperator<DecoderConfig> clip(double bound) {
        return model -> model.change().residualClip(bound).build();
    }

    private static DecoderConfig moreKvHeads(DecoderConfig model) {
        return model.change().kvHeads(2 * model.kvHeads()).build();
    }

    /** Rounded up to what the key/value heads divide. */
    private static DecoderConfig moreQueryHeads(DecoderConfig model) {
        int perKvHead = (3 * model.headsPerKvHead() + 1) / 2;
        return model.change().heads(perKvHead * model.kvHeads()).build();
    }

    private static DecoderConfig moreExperts(DecoderConfig model) {
        MixtureConfig mixture = model.mixture();
        if (!mixture.isPresent()) {
            throw new IllegalArgumentException(
                    "the variant 'more-experts' needs a model with experts, and this one is dense");
        }
        int experts = mixture.experts() + Math.max(1, mixture.experts() / EXPERTS_PER_ADDED_ONE);
        return model.change()
                .mixture(new MixtureConfig(experts, mixture.chosen(), mixture.normalised()))
                .build();
    }
}

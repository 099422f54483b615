package org.sluice.model.interchange;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sluice.model.AttentionModifier;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;

/** A format that others read: whose {@code config.json} and whose tensors it has, and which models it can express. */
public enum ForeignFormat {
    /**
     * Dense models without a gate as Hugging Face's Qwen3 has them, and with one as the authors of arXiv 2505.06708 published theirs, whose
     * code is that of Qwen3 with two keys more.
     */
    QWEN3(GateLayout.PER_GROUP, "Hugging Face's Qwen3 and the gated Qwen3 of the paper's authors") {
        @Override
        Optional<String> otherwiseRefused(DecoderConfig model) {
            return model.mixture().isPresent()
                    ? Optional.of("it is for dense models, and this one has experts")
                    : Optional.empty();
        }
    },

    /** Mixtures of experts without a gate, as Hugging Face's Qwen3-MoE has them. */
    QWEN3_MOE(GateLayout.PER_GROUP, "Hugging Face's Qwen3-MoE") {
        @Override
        Optional<String> otherwiseRefused(DecoderConfig model) {
            if (!model.mixture().isPresent()) {
                return Optional.of("it is for mixtures of experts, and this model is dense");
            }
            return model.modifiers().isEmpty()
                    ? Optional.empty()
                    : Optional.of("it has no gate, and this model has one: " + model.modifiers());
        }
    },

    /**
     * Models with an elementwise gate, as the full-attention layers of Hugging Face's Qwen3-Next have it. Every norm weight is stored less
     * 1. That of a mixture has a shared expert in every layer, which is written as zeros.
     */
    QWEN3_NEXT(GateLayout.PER_HEAD, "Hugging Face's Qwen3-Next") {
        @Override
        Optional<String> otherwiseRefused(DecoderConfig model) {
            return model.modifiers().equals(List.of(GateConfig.SDPA_ELEMENTWISE))
                    ? Optional.empty()
                    : Optional.of("each of its attention layers has the gate " + GateConfig.SDPA_ELEMENTWISE
                            + ", and this model has "
                            + (model.modifiers().isEmpty() ? "none" : model.modifiers()));
        }
    },

    /** Every model that Sluice has, with the gate as a projection of its own and all settings written out; only Sluice reads it. */
    SLUICE(GateLayout.SEPARATE, "Sluice") {
        @Override
        Optional<String> otherwiseRefused(DecoderConfig model) {
            return Optional.empty();
        }
    };

    private final GateLayout layout;
    private final String readers;

    ForeignFormat(GateLayout layout, String readers) {
        this.layout = layout;
        this.readers = readers;
    }

    /** Where it keeps the gate, if there is one. */
    public GateLayout layout() {
        return layout;
    }

    /** Whose code reads it, in words. */
    public String readers() {
        return readers;
    }

    /** Whose code reads a model of this format, in words: a gate takes some readers away. */
    public String readers(DecoderConfig model) {
        if (this != QWEN3) {
            return readers;
        }
        return model.gates().isEmpty() ? "Hugging Face's Qwen3" : "the gated Qwen3 of the paper's authors";
    }

    /** Whether Hugging Face's Transformers loads a model of this format without any code beside it. */
    public boolean isOfTransformers(DecoderConfig model) {
        return this != SLUICE && (this == QWEN3_NEXT || model.gates().isEmpty());
    }

    /** What only this format has against a model that is otherwise one of Qwen3's family. */
    abstract Optional<String> otherwiseRefused(DecoderConfig model);

    /** Why it cannot express a model, in words; empty if it can. */
    public Optional<String> refusal(DecoderConfig model) {
        return this == SLUICE ? Optional.empty() : outsideTheFamily(model).or(() -> otherwiseRefused(model));
    }

    /** What none of Qwen3's family has. */
    private static Optional<String> outsideTheFamily(DecoderConfig model) {
        Optional<AttentionModifier> other = model.modifiers().stream()
                .filter(modifier -> !(modifier instanceof GateConfig gate && gate.isPublished()))
                .findFirst();
        if (other.isPresent()) {
            return Optional.of("it has nothing like " + other.get() + " in its attention layers");
        }
        if (model.sandwichNorm()) {
            return Optional.of("it has no sandwich norm");
        }
        return model.residualClip() > 0
                ? Optional.of("it does not clip the residual stream, and this model does at " + model.residualClip())
                : Optional.empty();
    }

    /**
     * The format with the most readers that can express a model.
     *
     * @param layout where the gate shall be; empty for wherever the format has it
     * @throws IllegalArgumentException if no format with that layout can; the message says why, and which layouts can
     */
    public static ForeignFormat of(DecoderConfig model, Optional<GateLayout> layout) {
        return Arrays.stream(values())
                .filter(format -> layout.isEmpty() || format.layout == layout.get())
                .filter(format -> format.refusal(model).isEmpty())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(refusals(model, layout.orElseThrow())));
    }

    private static String refusals(DecoderConfig model, GateLayout layout) {
        String reasons = Arrays.stream(values())
                .filter(format -> format.layout == layout)
                .map(format -> format.readers + ": " + format.refusal(model).orElseThrow())
                .collect(Collectors.joining("; "));
        String others = Arrays.stream(values())
                .filter(format -> format.refusal(model).isEmpty())
                .map(format -> format.layout.id())
                .distinct()
                .collect(Collectors.joining(" or "));
        return "no format with the gate layout " + layout.id() + " can express this model (" + reasons + "); " + others
                + " can";
    }
}

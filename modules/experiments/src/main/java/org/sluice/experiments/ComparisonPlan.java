package org.sluice.experiments;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.TrainingPlan;
import org.sluice.model.DecoderConfig;
import org.sluice.training.TrainingConfig;

/**
 * Which variants are compared, and how.
 *
 * @param base the model that each variant changes
 * @param variants in the order in which they are trained and reported
 * @param equalParameters whether variants with more parameters are narrowed to the size of the base; see {@link Variant#of}
 * @param training the same for all variants, but that a variant may have a factor to the learning rate
 * @param cluster the same for all variants
 * @param evaluation the same for all variants
 * @param evaluateUntrained whether each model is evaluated before training too
 * @param dataset the folder of the prepared dataset
 * @param startCheckpoints for variants whose weights come from a checkpoint, its folder; the weights of those that are not here, or have an
 *     empty one, are drawn from the seed
 */
public record ComparisonPlan(
        DecoderConfig base,
        List<Variant> variants,
        boolean equalParameters,
        TrainingConfig training,
        ClusterConfig cluster,
        EvaluationConfig evaluation,
        boolean evaluateUntrained,
        String dataset,
        Map<String, String> startCheckpoints) {

    /** @throws IllegalArgumentException if there is no variant, or one comes twice */
    public ComparisonPlan {
        variants = List.copyOf(variants);
        startCheckpoints = Map.copyOf(startCheckpoints);
        if (variants.isEmpty()) {
            throw new IllegalArgumentException("there is no variant to compare; name at least one of "
                    + String.join(
                            ", ", Variant.all().stream().map(Variant::name).toList()));
        }
        Set<String> names = new HashSet<>();
        for (Variant variant : variants) {
            if (!names.add(variant.name())) {
                throw new IllegalArgumentException("variant '" + variant.name() + "' is named twice; name it once");
            }
        }
    }

    /**
     * The same comparison, with weights to start from.
     *
     * @param checkpoints the folder of a checkpoint for each variant that does not draw its weights from the seed
     */
    public ComparisonPlan startingFrom(Map<String, String> checkpoints) {
        return new ComparisonPlan(
                base,
                variants,
                equalParameters,
                training,
                cluster,
                evaluation,
                evaluateUntrained,
                dataset,
                checkpoints);
    }

    /** The model of a variant. */
    public DecoderConfig model(Variant variant) {
        return variant.of(base, equalParameters);
    }

    /** The training of a variant, with its own learning rate. */
    public TrainingPlan trainingPlan(Variant variant) {
        TrainingConfig own = training.withLearningRate(training.learningRate() * variant.learningRateFactor());
        return new TrainingPlan(
                variant.name(),
                model(variant),
                own,
                cluster,
                dataset,
                startCheckpoint(variant).orElse(""));
    }

    /** The folder of the checkpoint whose weights a variant starts from, if there is one. */
    Optional<String> startCheckpoint(Variant variant) {
        return Optional.of(startCheckpoints.getOrDefault(variant.name(), "")).filter(folder -> !folder.isEmpty());
    }
}

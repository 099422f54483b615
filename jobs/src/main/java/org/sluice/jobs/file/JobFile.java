package org.sluice.jobs.file;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sluice.experiments.Catalogue;
import org.sluice.experiments.ComparisonPlan;
import org.sluice.model.Nearest;
import org.sluice.tensor.Backends;
import org.sluice.tensor.Precision;
import org.sluice.training.TrainingConfig;

/**
 * A run, as its author wrote it, defaults filled in.
 *
 * @param name the run's name: its folder is {@code runs/name}
 * @param runs the folder of runs, on any file system that Hadoop knows
 * @param backend what models are run on; {@code auto} takes the best there is
 * @param precision what matrix products of the training are computed with; {@code auto} takes the backend's fastest on the driver's machine
 * @param data the corpus
 * @param model the model of the baseline
 * @param startFrom the folder of a run or of a checkpoint whose weights training starts from; without it they are drawn from the seed
 * @param variants what is trained side by side, each a name of {@link Catalogue}
 * @param equalParameters whether gated variants get narrower feed-forward layers, so that all have the baseline's size
 * @param training the optimizer and its schedule
 * @param cluster how the work is spread
 * @param evaluation what is measured on held-out text
 * @param watching how the run can be watched while it goes on
 */
public record JobFile(
        String name,
        String runs,
        String backend,
        String precision,
        DataSection data,
        ModelSection model,
        Optional<String> startFrom,
        List<String> variants,
        boolean equalParameters,
        TrainingConfig training,
        ClusterSection cluster,
        EvaluationSection evaluation,
        WatchingSection watching) {

    /** @throws IllegalArgumentException if a value is out of its range */
    public JobFile {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new IllegalArgumentException("name '" + name
                    + "' cannot be a folder: it takes letters, digits, '.', '_' and '-', a letter or digit first");
        }
        checkBackend(backend);
        checkPrecision(precision);
        if (variants.isEmpty()) {
            throw new IllegalArgumentException("variants is empty; name at least one");
        }
        Set<String> seen = new HashSet<>();
        for (String variant : variants) {
            if (!seen.add(variant)) {
                throw new IllegalArgumentException("variants names '" + variant + "' twice");
            }
            checkVariant(variant, data, model, equalParameters);
        }
    }

    private static void checkVariant(String name, DataSection data, ModelSection model, boolean equalParameters) {
        if (!Catalogue.variantNames().contains(name)) {
            throw new IllegalArgumentException("variants: " + Catalogue.unknown(name));
        }
        try {
            Catalogue.variant(name, data.blockLength()).of(model.toConfig(1), equalParameters);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("variants: '" + name + "' of this model: " + e.getMessage(), e);
        }
    }

    private static void checkBackend(String backend) {
        List<String> known = new ArrayList<>(List.of(Backends.AUTOMATIC));
        Backends.providers().forEach(provider -> known.add(provider.name()));
        if (!known.contains(backend)) {
            throw new IllegalArgumentException("backend '" + backend + "' is not known"
                    + Nearest.suggestion(backend, known) + " (there are: " + String.join(", ", known) + ")");
        }
    }

    private static void checkPrecision(String precision) {
        if (!precision.equals(Backends.AUTOMATIC) && Precision.named(precision).isEmpty()) {
            throw new IllegalArgumentException(
                    "precision '" + precision + "' is not known; there are: auto, fp32, bf16");
        }
    }

    JobFile withVariants(List<String> others) {
        return new JobFile(
                name,
                runs,
                backend,
                precision,
                data,
                model,
                startFrom,
                others,
                equalParameters,
                training,
                cluster,
                evaluation,
                watching);
    }

    /** The run's folder. */
    public String folder() {
        return runs + "/" + name;
    }

    /** The folder of the dataset of a run in that folder. */
    public String dataset(String folder) {
        return data.output().orElse(folder + "/dataset");
    }

    /**
     * What is to be compared.
     *
     * @param dataset the folder of the prepared dataset
     * @param vocabulary of its tokenizer
     */
    public ComparisonPlan plan(String dataset, int vocabulary) {
        return plan(dataset, vocabulary, Backends.precision(backend, precision));
    }

    /**
     * What is to be compared, where the workers' machines are not this one.
     *
     * @param fastest the precision that {@code auto} stands for there
     */
    public ComparisonPlan planElsewhere(int vocabulary, Precision fastest) {
        return plan(dataset(folder()), vocabulary, Precision.named(precision).orElse(fastest));
    }

    private ComparisonPlan plan(String dataset, int vocabulary, Precision workerPrecision) {
        return new ComparisonPlan(
                model.toConfig(vocabulary),
                variants.stream()
                        .map(variant -> Catalogue.variant(variant, data.blockLength()))
                        .toList(),
                equalParameters,
                training,
                cluster.toConfig(backend, workerPrecision),
                evaluation.toConfig(backend),
                evaluation.untrained(),
                dataset,
                Map.of());
    }
}

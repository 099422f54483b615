package org.sluice.jobs.command;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.StartWeights;
import org.sluice.experiments.ComparisonPlan;
import org.sluice.experiments.Variant;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import org.sluice.model.DecoderConfig;
import org.sluice.model.checkpoint.Checkpoint;

/** The checkpoints whose weights the variants of a run start from: the stages before this one. */
final class StartCheckpoints {
    private final RunFolder run;
    private final Console console;

    StartCheckpoints(RunFolder run, Console console) {
        this.run = run;
        this.console = console;
    }

    /**
     * Adds to a plan where its variants start from. One that is in training already goes on from its own
     * checkpoint, whatever has become of the one that it once started from.
     *
     * @param folder of another run, each variant of which is the start of the one of the same name, or of a checkpoint, the start of all
     * @throws InputException if there is no checkpoint that is whole, or it holds parameters of other shapes
     */
    ComparisonPlan addTo(ComparisonPlan plan, Optional<String> folder) throws IOException {
        if (folder.isEmpty()) {
            return plan;
        }
        List<String> begun = run.variants();
        Map<String, String> found = new HashMap<>();
        for (Variant variant : plan.variants()) {
            if (begun.contains(variant.name())) {
                found.put(variant.name(), former(variant.name()));
            } else {
                Checkpoint checkpoint = checkpoint(folder.get(), variant.name());
                requireFit(checkpoint, variant.name(), plan.model(variant));
                console.message(variant.name() + " starts from " + checkpoint.folder());
                found.put(variant.name(), checkpoint.folder().toString());
            }
        }
        return plan.startingFrom(found);
    }

    private Checkpoint checkpoint(String folder, String variant) throws IOException {
        boolean ofARun = FolderKind.of(run.hadoop(), folder) == FolderKind.RUN;
        return new CheckpointPlace(run.hadoop(), console)
                .checkpoint(folder, ofARun ? Optional.of(variant) : Optional.empty());
    }

    private static void requireFit(Checkpoint checkpoint, String variant, DecoderConfig model) {
        try {
            StartWeights.requireFit(checkpoint, model);
        } catch (IllegalArgumentException e) {
            throw new InputException("'" + variant + "' cannot start there: " + e.getMessage(), e);
        }
    }

    /** Where a variant that is in training already once started from; empty if it has no checkpoint that is whole. */
    private String former(String variant) throws IOException {
        return Checkpoint.newest(run.hadoop(), run.checkpoints(variant), refused -> {})
                .map(own -> own.payload().at("/start/from").asText())
                .orElse("");
    }
}

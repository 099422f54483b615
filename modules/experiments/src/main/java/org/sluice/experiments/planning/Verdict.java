package org.sluice.experiments.planning;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sluice.cluster.TrainingPlan;

/** Why a training does not fit a cluster, and what to do about it, in sentences. */
record Verdict(List<String> problems, List<String> changes) {
    private static final double GIBIBYTE = 1L << 30;

    static Verdict of(
            TrainingPlan training, int blockLength, ClusterDescription cluster, MemoryPlan memory, Course course) {
        Verdict verdict = new Verdict(new ArrayList<>(), new ArrayList<>());
        verdict.room(training, cluster);
        verdict.memory(training, blockLength, cluster, memory);
        verdict.course(training, course);
        return verdict;
    }

    private void room(TrainingPlan training, ClusterDescription cluster) {
        int wanted = training.cluster().workers() + cluster.spares();
        long there = (long) cluster.hosts() * cluster.workersPerHost();
        if (wanted > there) {
            problems.add(wanted + " workers do not find room on " + cluster.hosts() + " hosts of "
                    + cluster.workersPerHost());
            changes.add("--hosts "
                    + (wanted + cluster.workersPerHost() - 1) / cluster.workersPerHost()
                    + ", or cluster.workers: " + (there - cluster.spares()));
        }
    }

    private void memory(TrainingPlan training, int blockLength, ClusterDescription cluster, MemoryPlan memory) {
        if (memory.fits(cluster)) {
            return;
        }
        if (memory.ofWorker() > cluster.memoryBytes()) {
            problems.add("a worker needs " + gib(memory.ofWorker()) + " of "
                    + (memory.gpu() ? "its GPU's memory" : "memory") + ", which has " + gib(cluster.memoryBytes()));
        }
        if (memory.ofHost() > cluster.hostMemoryBytes()) {
            problems.add("a worker needs " + gib(memory.ofHost())
                    + " of the host's memory beside its GPU, and its share is " + gib(cluster.hostMemoryBytes()));
        }
        MemoryChanges alternatives = new MemoryChanges(training, blockLength, cluster);
        List<MemoryChanges.Change> enough = alternatives.thatFit();
        if (!enough.isEmpty()) {
            enough.forEach(change -> changes.add(described(change, blockLength, cluster)));
            return;
        }
        noSettingHelps(training, blockLength, cluster, alternatives.least());
    }

    private static String described(MemoryChanges.Change change, int blockLength, ClusterDescription cluster) {
        MemoryPlan then = MemoryPlan.of(change.plan(), blockLength, cluster);
        return change.settings() + ": " + gib(then.ofWorker())
                + (then.gpu() ? " of the GPU and " + gib(then.ofHost()) + " of the host" : "");
    }

    private void noSettingHelps(
            TrainingPlan training, int blockLength, ClusterDescription cluster, MemoryChanges.Change smallest) {
        MemoryPlan least = MemoryPlan.of(smallest.plan(), blockLength, cluster);
        String with = smallest.settings().isEmpty() ? "" : " with " + smallest.settings();
        long state = least.bytes(
                part -> List.of("parameters", "gradients", "optimizerState").contains(part.name()));
        problems.add(String.format(
                Locale.ROOT,
                "no setting of the job makes it fit: parameters, gradients and moments alone are %s, and a worker of Sluice holds a"
                        + " whole replica; it does not split a model over workers",
                gib(state)));
        if (least.ofWorker() > cluster.memoryBytes()) {
            changes.add("workers with at least " + gib(least.ofWorker()) + " each" + with
                    + (least.gpu()
                            ? "; or about " + onCpu(least) + " GiB on hosts without GPUs (--kind cpu --memory)"
                            : ""));
        }
        if (least.ofHost() > cluster.hostMemoryBytes()) {
            changes.add("hosts with at least " + gib(least.ofHost()) + " for each worker (--host-memory)" + with);
        }
        changes.add("a smaller model: model.scale, or model.preset ("
                + String.format(Locale.ROOT, "%,d", training.model().parameters()) + " parameters now)");
    }

    private static long onCpu(MemoryPlan least) {
        return (long) Math.ceil((least.ofWorker() + least.ofHost()) / GIBIBYTE);
    }

    private void course(TrainingPlan training, Course course) {
        if (course.ends()) {
            return;
        }
        problems.add(String.format(
                Locale.ROOT,
                "with a fault every %,.1f hours training does not get to its end: it is sent back to a checkpoint before the next one is"
                        + " whole",
                course.secondsBetweenFaults() / 3600));
        if (training.cluster().checkpointRounds() > 1) {
            changes.add("more checkpoints: cluster.checkpointRounds: 1");
        }
        changes.add(
                "cluster.minWorkers below cluster.workers, so that a loss sends nobody back, or faster storage (--storage)");
    }

    static String gib(long bytes) {
        return String.format(Locale.ROOT, "%,.1f GiB", bytes / GIBIBYTE);
    }
}

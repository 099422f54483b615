package org.sluice.jobs.plan;

import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.sluice.experiments.planning.ClusterDescription;
import org.sluice.experiments.planning.WorkerKind;
import org.sluice.jobs.InputException;
import org.sluice.jobs.OptionValues;
import picocli.CommandLine.Option;

/** The cluster that is planned for, on the command line. */
public final class ClusterOptions {
    private static final double GIBIBYTE = 1L << 30;

    @Option(
            names = "--kind",
            defaultValue = "cpu",
            description =
                    "What a worker computes on: cpu, h200, h100 or a100 (default: ${DEFAULT-VALUE}). What is not said of hosts"
                            + " with processors is taken from this machine. Sluice has no backend for GPUs yet: their plans are assumptions.")
    private String kind;

    @Option(names = "--hosts", description = "Hosts (default: as many as the workers need).")
    private Optional<Integer> hosts = Optional.empty();

    @Option(
            names = "--workers-per-host",
            description = "Workers on a host, in one executor (default: 8 with GPUs, otherwise 1).")
    private Optional<Integer> workersPerHost = Optional.empty();

    @Option(
            names = "--cores",
            description =
                    "Cores of a worker (default: cluster.coresPerWorker; without it those of a usual host with such GPUs,"
                            + " otherwise of this machine, divided by its workers).")
    private Optional<Integer> cores = Optional.empty();

    @Option(
            names = "--memory",
            paramLabel = "GIB",
            description =
                    "GiB of memory that a worker has: of its GPU (default: its data sheet's), otherwise of its host (default:"
                            + " this machine's, divided by its workers).")
    private Optional<Double> memory = Optional.empty();

    @Option(
            names = "--host-memory",
            paramLabel = "GIB",
            description = "With GPUs: GiB of the host's memory for each worker (default: an eighth of 2 TB).")
    private Optional<Double> hostMemory = Optional.empty();

    @Option(
            names = "--network",
            defaultValue = "25",
            paramLabel = "GBITS",
            description = "Gb/s of a host, each way (default: ${DEFAULT-VALUE}).")
    private double network;

    @Option(
            names = "--storage",
            defaultValue = "1",
            paramLabel = "GBYTES",
            description =
                    "GB/s at which a host writes and reads checkpoints, no more than its network (default: ${DEFAULT-VALUE}).")
    private double storage;

    @Option(
            names = "--rate",
            paramLabel = "TFLOPS",
            description =
                    "TFLOP/s of a worker's training step, as jobs/sluice bench measures it (its gflops, divided by 1000)"
                            + " (default: an assumed share of the kind's peak).")
    private Optional<Double> rate = Optional.empty();

    @Option(
            names = "--price",
            defaultValue = "0",
            description = "Of a worker for an hour, in any currency; 0 tells no cost (default: ${DEFAULT-VALUE}).")
    private double price;

    @Option(
            names = "--fault-hours",
            paramLabel = "HOURS",
            description =
                    "The mean time that one worker runs without a fault; 0 for no faults (default: that of Llama 3's training,"
                            + " 50,677 hours of a GPU).")
    private Optional<Double> faultHours = Optional.empty();

    @Option(
            names = "--repair-minutes",
            defaultValue = "5",
            description = "Mean, until another executor is in the place of a dead one (default: ${DEFAULT-VALUE}).")
    private double repairMinutes;

    @Option(
            names = "--spares",
            defaultValue = "0",
            description = "Workers that there is room for beyond cluster.workers (default: ${DEFAULT-VALUE}).")
    private int spares;

    /** The kind of worker, by its name. */
    public WorkerKind kind() {
        try {
            return WorkerKind.named(kind);
        } catch (IllegalArgumentException unknown) {
            throw new InputException("--kind: " + unknown.getMessage(), unknown);
        }
    }

    /**
     * The cluster.
     *
     * @param workers that train
     * @param coresPerWorker as a job file says it: 0 says nothing
     * @throws InputException if a value is out of its range
     */
    public ClusterDescription cluster(int workers, int coresPerWorker) {
        requireInput();
        WorkerKind chosen = kind();
        int perHost = workersPerHost.orElse(chosen.workersPerHost());
        return new ClusterDescription(
                chosen,
                perHost,
                hosts.orElse((workers + spares + perHost - 1) / perHost),
                cores.orElse(coresPerWorker > 0 ? coresPerWorker : usualCores(chosen, perHost)),
                memory.map(ClusterOptions::bytes)
                        .orElse(chosen.gpu() ? chosen.memoryBytes() : machineMemory() / perHost),
                chosen.gpu() ? hostMemory.map(ClusterOptions::bytes).orElse(chosen.hostMemoryBytes()) : 0,
                network,
                storage,
                rate.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                price,
                faultHours.orElse(ClusterDescription.FAULT_HOURS_OF_LLAMA_3),
                repairMinutes,
                spares);
    }

    private static int usualCores(WorkerKind chosen, int perHost) {
        return chosen.gpu() ? chosen.cores() : Math.max(1, Runtime.getRuntime().availableProcessors() / perHost);
    }

    private static long bytes(double gibibytes) {
        return Math.round(gibibytes * GIBIBYTE);
    }

    private static long machineMemory() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }

    private void requireInput() {
        hosts.ifPresent(given -> OptionValues.requireAtLeast("--hosts", given, 1));
        workersPerHost.ifPresent(given -> OptionValues.requireAtLeast("--workers-per-host", given, 1));
        cores.ifPresent(given -> OptionValues.requireAtLeast("--cores", given, 1));
        memory.ifPresent(given -> OptionValues.requirePositive("--memory", given));
        hostMemory.ifPresent(given -> OptionValues.requirePositive("--host-memory", given));
        OptionValues.requirePositive("--network", network);
        OptionValues.requirePositive("--storage", storage);
        rate.ifPresent(given -> OptionValues.requirePositive("--rate", given));
        OptionValues.requireAtLeast("--price", price, 0);
        faultHours.ifPresent(given -> OptionValues.requireAtLeast("--fault-hours", given, 0));
        OptionValues.requireAtLeast("--repair-minutes", repairMinutes, 0);
        OptionValues.requireAtLeast("--spares", spares, 0);
        if (hostMemory.isPresent() && !kind().gpu()) {
            throw new InputException("--host-memory is for GPUs, and --kind is " + kind
                    + ", of which all memory is the host's; give --memory, or another --kind of "
                    + WorkerKind.ALL.stream()
                            .filter(WorkerKind::gpu)
                            .map(WorkerKind::name)
                            .collect(Collectors.joining(", ")));
        }
    }
}

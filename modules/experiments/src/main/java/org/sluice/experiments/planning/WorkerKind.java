package org.sluice.experiments.planning;

import java.util.List;
import org.sluice.model.Nearest;
import org.sluice.tensor.Precision;

/**
 * What a worker computes on: a GPU, or the cores of a processor.
 *
 * <p>No worker of Sluice runs on a GPU yet. What is said of GPUs is what a worker would reach at the share of the peak that others have reached in
 * published trainings, with the tensors that a worker holds on a processor.
 *
 * @param gpu whether it is a GPU, with memory of its own beside the host's
 * @param memoryBytes of the GPU; 0 for a processor, of which nothing is assumed
 * @param hostMemoryBytes of the host, for each GPU; 0 for a processor
 * @param workersPerHost usual
 * @param cores of the host, for each worker
 * @param bf16Peak multiply-adds in bfloat16, 10^12 operations a second: of a GPU, or of one core
 * @param fp32Peak the same in fp32
 * @param bf16Share the share of the peak that a dense model's step reaches
 * @param fp32Share the same in fp32
 * @param mixtureFactor how fast a mixture of experts is to a dense model
 * @param copyBandwidth of the memory, 10^9 bytes a second
 * @param peakSource where peak, memory and bandwidth come from
 * @param shareSource where the shares come from
 */
public record WorkerKind(
        String name,
        boolean gpu,
        long memoryBytes,
        long hostMemoryBytes,
        int workersPerHost,
        int cores,
        double bf16Peak,
        double fp32Peak,
        double bf16Share,
        double fp32Share,
        double mixtureFactor,
        double copyBandwidth,
        String peakSource,
        String shareSource) {
    private static final long GIGABYTE = 1_000_000_000;
    private static final double SHARE_OF_LLAMA_3 = 0.40;
    private static final double MIXTURE_ON_GPU = 0.5;
    private static final String PUBLISHED =
            "0.40 of the peak, what Llama 3 reached (0.38 to 0.43, arXiv 2407.21783); half of that for a mixture of experts, as"
                    + " published for 30B-A3B (about 200 TFLOP/s of an H100)";

    /** All kinds, by the names of {@code --kind}. */
    public static final List<WorkerKind> ALL = List.of(
            gpu(
                    "h200",
                    141,
                    4800,
                    14,
                    989,
                    67,
                    "NVIDIA's data sheet of the H200 SXM, without sparsity; hosts as DGX H200"),
            gpu(
                    "h100",
                    80,
                    3350,
                    14,
                    989,
                    67,
                    "NVIDIA's data sheet of the H100 SXM, without sparsity; hosts as DGX H100"),
            gpu("a100", 80, 2039, 16, 312, 19.5, "NVIDIA's data sheet of the A100 80GB SXM; hosts as DGX A100"),
            new WorkerKind(
                    "cpu",
                    false,
                    0,
                    0,
                    1,
                    2,
                    0.22,
                    0.22,
                    0.73,
                    0.60,
                    0.87,
                    22,
                    "0.22 TFLOP/s and 22 GB/s a core: an AMD EPYC (Zen 5), measured in docs/speed.md",
                    "0.60 of the peak in fp32, 0.73 of the peak in fp32 with products in bfloat16, 0.87 of that for a mixture:"
                            + " measured with jobs/sluice bench on two cores, see docs/speed.md"));

    private static WorkerKind gpu(
            String name, int gigabytes, double bandwidth, int cores, double bf16Peak, double fp32Peak, String source) {
        return new WorkerKind(
                name,
                true,
                gigabytes * GIGABYTE,
                250 * GIGABYTE,
                8,
                cores,
                bf16Peak,
                fp32Peak,
                SHARE_OF_LLAMA_3,
                SHARE_OF_LLAMA_3,
                MIXTURE_ON_GPU,
                bandwidth,
                source,
                PUBLISHED);
    }

    /**
     * The kind of a name.
     *
     * @throws IllegalArgumentException if there is none; the message says which there are
     */
    public static WorkerKind named(String name) {
        List<String> names = ALL.stream().map(WorkerKind::name).toList();
        Nearest.requireKnown("kind of worker", name, names);
        return ALL.get(names.indexOf(name));
    }

    /**
     * The rate of a training step.
     *
     * @param mixture whether the model is a mixture of experts
     * @param workerCores the cores of a worker, which a GPU's rate does not depend on
     * @return 10^12 operations a second
     */
    double rate(Precision precision, boolean mixture, int workerCores) {
        double dense = precision == Precision.BF16 ? bf16Peak * bf16Share : fp32Peak * fp32Share;
        return dense * (mixture ? mixtureFactor : 1) * (gpu ? 1 : workerCores);
    }

    /** Of a worker's memory, 10^9 bytes a second. */
    double bandwidth(int workerCores) {
        return copyBandwidth * (gpu ? 1 : workerCores);
    }
}

package org.sluice.backend.nd4j.cpu;

import java.util.Locale;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.sluice.backend.nd4j.Nd4jArena;
import org.sluice.backend.nd4j.Nd4jLibrary;
import org.sluice.backend.nd4j.Nd4jTensorOwner;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Attention;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Gates;
import org.sluice.tensor.LinearAlgebra;
import org.sluice.tensor.Loss;
import org.sluice.tensor.MachineSpeed;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Mixture;
import org.sluice.tensor.Normalisation;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Optimisation;
import org.sluice.tensor.Precision;
import org.sluice.tensor.Statistics;

/**
 * The fast CPU backend: float32 in ND4J's memory, matrix products by ND4J's {@code matmul} operation, all else by kernels of the Vector
 * API on tiles that fit the first-level cache, on as many cores as it was opened with.
 */
final class CpuBackend implements Backend {
    static final String NAME = "cpu";

    private final Precision precision;
    private final WorkerTeam team;
    private final SharedProducts products;
    private final LinearAlgebra linearAlgebra;
    private final Normalisation normalisation;
    private final Attention attention;
    private final Gates gates;
    private final CpuMixture mixture;
    private final Loss loss;
    private final Optimisation optimisation;
    private final Memory memory;
    private final Statistics statistics;

    CpuBackend(int cores, Precision precision) {
        this.precision = precision;
        KernelCompilation.direct();
        OperationChecks checks = new OperationChecks(new Nd4jTensorOwner(NAME), this::supports);
        team = new WorkerTeam(cores, () -> product(precision));
        products = new SharedProducts(team);
        linearAlgebra = new CpuLinearAlgebra(team, checks, products);
        normalisation = new CpuNormalisation(team, checks);
        attention = new CpuAttention(team, checks);
        gates = new CpuGates(team, checks);
        mixture = new CpuMixture(team, checks);
        loss = new CpuLoss(team, checks, products);
        optimisation = new CpuOptimisation(team, checks);
        memory = new CpuMemory(team, checks);
        statistics = new CpuStatistics(team, checks);
    }

    private static MatrixProduct product(Precision precision) {
        return switch (precision) {
            case FP32 -> new Nd4jMatmul(DataType.FLOAT);
            case BF16 -> new Bfloat16Product();
        };
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return String.format(
                Locale.ROOT,
                "ND4J %s (matmul by oneDNN) and Vector API of %d bits on Java %s, %d core%s, products in %s",
                Nd4jLibrary.version(),
                VectorMath.SPECIES.vectorBitSize(),
                Runtime.version(),
                cores(),
                cores() == 1 ? "" : "s",
                precision);
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public int cores() {
        return team.cores();
    }

    @Override
    public boolean supports(DType dtype) {
        return dtype == DType.FLOAT32;
    }

    /**
     * At most, in bytes, with the largest of all calls so far: 4 times the elements of {@code left}, its columns rounded up to a multiple of
     * the cores, where {@code left} is transposed ({@link SharedProducts}); {@code 60 P L} for the weight of one expert
     * ({@link GroupedProducts}); and for products in bfloat16, on each core, 2 times the elements of a product's operands and its result.
     */
    @Override
    public long workspaceBytes() {
        return products.workspaceBytes() + mixture.workspaceBytes() + team.workspaceBytes();
    }

    @Override
    public Arena newArena(String name) {
        return new Nd4jArena(name, NAME, true);
    }

    @Override
    public LinearAlgebra linearAlgebra() {
        return linearAlgebra;
    }

    @Override
    public Normalisation normalisation() {
        return normalisation;
    }

    @Override
    public Attention attention() {
        return attention;
    }

    @Override
    public Gates gates() {
        return gates;
    }

    @Override
    public Mixture mixture() {
        return mixture;
    }

    @Override
    public Loss loss() {
        return loss;
    }

    @Override
    public Optimisation optimisation() {
        return optimisation;
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public Statistics statistics() {
        return statistics;
    }

    @Override
    public Optional<MachineSpeed> measureMachine() {
        return Optional.of(new MachineMeasurement(team, memory).measure());
    }

    @Override
    public void close() {
        mixture.close();
        products.close();
        team.close();
    }
}

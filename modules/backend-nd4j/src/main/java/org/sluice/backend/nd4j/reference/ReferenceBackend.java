package org.sluice.backend.nd4j.reference;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.sluice.backend.nd4j.Nd4jArena;
import org.sluice.backend.nd4j.Nd4jLibrary;
import org.sluice.backend.nd4j.Nd4jTensor;
import org.sluice.backend.nd4j.Nd4jTensorOwner;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Attention;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Gates;
import org.sluice.tensor.LinearAlgebra;
import org.sluice.tensor.Loss;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Mixture;
import org.sluice.tensor.Normalisation;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Optimisation;
import org.sluice.tensor.Statistics;
import org.sluice.tensor.Tensor;

/**
 * The readable backend: each operation is its formula in ND4J arithmetic.
 *
 * <p>Operations allocate ND4J arrays for intermediate results, which the garbage collector frees; this departs from the contract on
 * purpose, for the sake of reading. ND4J spreads an operation over its own threads: as many as {@code OMP_NUM_THREADS} says, or the
 * machine has; {@link #cores()} is what the caller asked for and only reported.
 */
public final class ReferenceBackend implements Backend {
    static final String NAME = "reference";

    private final int cores;
    private final OperationChecks checks = new OperationChecks(new Nd4jTensorOwner(NAME), this::supports);
    private final LinearAlgebra linearAlgebra = new ReferenceLinearAlgebra(checks);
    private final Normalisation normalisation = new ReferenceNormalisation(checks);
    private final Attention attention = new ReferenceAttention(checks);
    private final Gates gates = new ReferenceGates(checks);
    private final Mixture mixture = new ReferenceMixture(checks);
    private final Loss loss = new ReferenceLoss(checks);
    private final Optimisation optimisation = new ReferenceOptimisation(checks);
    private final Memory memory = new ReferenceMemory(checks);
    private final Statistics statistics = new ReferenceStatistics(checks);

    ReferenceBackend(int cores) {
        this.cores = cores;
    }

    /** The ND4J array of a tensor that has passed the checks. */
    static INDArray array(Tensor tensor) {
        return ((Nd4jTensor) tensor).array();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "plain operations of " + Nd4jLibrary.description();
    }

    @Override
    public int cores() {
        return cores;
    }

    @Override
    public boolean supports(DType dtype) {
        return dtype.isFloatingPoint();
    }

    /** None: ND4J allocates intermediate results as operations need them, and frees them. */
    @Override
    public long workspaceBytes() {
        return 0;
    }

    @Override
    public Arena newArena(String name) {
        return new Nd4jArena(name, NAME, false);
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

    /** Does nothing: memory belongs to arenas, and ND4J's threads to the process. */
    @Override
    public void close() {}
}

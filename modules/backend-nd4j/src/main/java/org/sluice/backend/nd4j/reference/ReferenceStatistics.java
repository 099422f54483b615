package org.sluice.backend.nd4j.reference;

import static org.sluice.backend.nd4j.reference.ReferenceBackend.array;
import static org.sluice.backend.nd4j.reference.ReferenceMemory.flat;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Statistics;
import org.sluice.tensor.StatisticsChecks;
import org.sluice.tensor.Tensor;

/** Reductions of the elements in double precision. */
final class ReferenceStatistics implements Statistics {
    private final StatisticsChecks checks;

    ReferenceStatistics(OperationChecks checks) {
        this.checks = new StatisticsChecks(checks);
    }

    @Override
    public void sum(Tensor x, Tensor out) {
        checks.sum(x, out);
        array(out).assign(doubles(x).sumNumber());
    }

    @Override
    public void sumOfSquares(Tensor x, Tensor out) {
        checks.sumOfSquares(x, out);
        INDArray values = doubles(x);
        array(out).assign(values.mul(values).sumNumber());
    }

    @Override
    public void maxAbsolute(Tensor x, Tensor out) {
        checks.maxAbsolute(x, out);
        INDArray values = doubles(x);
        // A comparison with NaN is false, so a maximum may lose it; a sum never does, but an infinite one may make it
        // of nothing.
        boolean anyNaN = values.neq(values).any();
        array(out).assign(anyNaN ? Double.NaN : Transforms.abs(values).maxNumber());
    }

    private static INDArray doubles(Tensor x) {
        return flat(x).castTo(DataType.DOUBLE);
    }
}

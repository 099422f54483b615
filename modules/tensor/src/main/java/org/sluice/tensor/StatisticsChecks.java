package org.sluice.tensor;

/** The argument checks of {@link Statistics}; see {@link OperationChecks}. */
public final class StatisticsChecks {
    private final OperationChecks operations;

    public StatisticsChecks(OperationChecks operations) {
        this.operations = operations;
    }

    /** For all of {@link Statistics}. */
    public void statistic(String operation, Tensor x, Tensor out) {
        OperationCall call = operations.call(operation);
        call.floating("x", x);
        call.tensor("out", out, DType.FLOAT64, 1);
        call.apart("out", out, x);
    }
}

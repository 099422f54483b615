package org.sluice.tensor;

/** The argument checks of {@link Statistics}; see {@link OperationChecks}. */
public final class StatisticsChecks {
    private final OperationArguments sum;
    private final OperationArguments sumOfSquares;
    private final OperationArguments maxAbsolute;

    public StatisticsChecks(OperationChecks operations) {
        sum = operations.arguments("sum");
        sumOfSquares = operations.arguments("sumOfSquares");
        maxAbsolute = operations.arguments("maxAbsolute");
    }

    /** For {@link Statistics#sum}. */
    public void sum(Tensor x, Tensor out) {
        statistic(sum, x, out);
    }

    /** For {@link Statistics#sumOfSquares}. */
    public void sumOfSquares(Tensor x, Tensor out) {
        statistic(sumOfSquares, x, out);
    }

    /** For {@link Statistics#maxAbsolute}. */
    public void maxAbsolute(Tensor x, Tensor out) {
        statistic(maxAbsolute, x, out);
    }

    private static void statistic(OperationArguments arguments, Tensor x, Tensor out) {
        arguments.floating("x", x);
        arguments.tensor("out", out, DType.FLOAT64, 1);
        arguments.apart("out", out, x);
    }
}

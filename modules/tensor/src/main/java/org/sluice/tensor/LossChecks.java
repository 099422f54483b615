package org.sluice.tensor;

/** The argument checks of {@link Loss}; see {@link OperationChecks}. */
public final class LossChecks {
    private final OperationChecks operations;

    public LossChecks(OperationChecks operations) {
        this.operations = operations;
    }

    /** For {@link Loss#classifierLoss}. */
    public void classifierLoss(
            Tensor hidden, Tensor weight, Tensor targets, Tensor workspace, Tensor losses, Tensor logSumExp) {
        OperationCall call = operations.call("classifierLoss");
        classified(call, hidden, weight, targets, workspace, losses, logSumExp);
    }

    /** For {@link Loss#classifierLossAndGradient}. */
    public void classifierLossAndGradient(
            Tensor hidden,
            Tensor weight,
            Tensor targets,
            Tensor workspace,
            Tensor losses,
            Tensor logSumExp,
            Tensor hiddenGradient,
            Tensor weightGradient) {
        OperationCall call = operations.call("classifierLossAndGradient");
        classified(call, hidden, weight, targets, workspace, losses, logSumExp);
        call.same(hidden, "hiddenGradient", hiddenGradient);
        call.same(weight, "weightGradient", weightGradient);
        Tensor[] others = {hidden, weight, targets, workspace, losses, logSumExp};
        call.apart("hiddenGradient", hiddenGradient, others);
        call.apart("hiddenGradient", hiddenGradient, weightGradient);
        call.apart("weightGradient", weightGradient, others);
    }

    private static void classified(
            OperationCall call,
            Tensor hidden,
            Tensor weight,
            Tensor targets,
            Tensor workspace,
            Tensor losses,
            Tensor logSumExp) {
        DType dtype = call.floating("hidden", hidden);
        call.rank("hidden", hidden, 2, "[N, D]");
        call.type("weight", weight, dtype);
        call.rank("weight", weight, 2, "[V, D]");
        long rows = hidden.shape().dimension(0);
        long vocabulary = weight.shape().dimension(0);
        call.tensor("weight", weight, dtype, vocabulary, hidden.shape().dimension(1));
        call.tensor("targets", targets, DType.INT32, rows);
        call.type("workspace", workspace, dtype);
        call.rank("workspace", workspace, 2, "[C, V]");
        call.tensor("workspace", workspace, dtype, workspace.shape().dimension(0), vocabulary);
        call.tensor("losses", losses, dtype, rows);
        call.tensor("logSumExp", logSumExp, dtype, rows);
        call.apart("workspace", workspace, hidden, weight, targets, losses, logSumExp);
        call.apart("losses", losses, hidden, weight, targets, logSumExp);
        call.apart("logSumExp", logSumExp, hidden, weight, targets);
    }

    /** Refuses a target that is neither a token of the vocabulary nor {@link Loss#IGNORED}. */
    public static void requireTarget(String operation, long row, int target, long vocabulary) {
        if (target != Loss.IGNORED && (target < 0 || target >= vocabulary)) {
            throw new IllegalArgumentException(operation + ": argument 'targets' has the target " + target + " at row "
                    + row + ", expected one of 0.." + (vocabulary - 1) + ", or " + Loss.IGNORED + " for none");
        }
    }
}

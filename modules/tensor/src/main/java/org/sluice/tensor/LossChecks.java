package org.sluice.tensor;

/** The argument checks of {@link Loss}; see {@link OperationChecks}. */
public final class LossChecks {
    private final OperationArguments classifierLoss;
    private final OperationArguments classifierLossAndGradient;

    public LossChecks(OperationChecks operations) {
        classifierLoss = operations.arguments("classifierLoss");
        classifierLossAndGradient = operations.arguments("classifierLossAndGradient");
    }

    /** For {@link Loss#classifierLoss}. */
    public void classifierLoss(
            Tensor hidden, Tensor weight, Tensor targets, Tensor workspace, Tensor losses, Tensor logSumExp) {
        classified(classifierLoss, hidden, weight, targets, workspace, losses, logSumExp);
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
        classified(classifierLossAndGradient, hidden, weight, targets, workspace, losses, logSumExp);
        classifierLossAndGradient.same(hidden, "hiddenGradient", hiddenGradient);
        classifierLossAndGradient.same(weight, "weightGradient", weightGradient);
        classifierLossAndGradient.apart("hiddenGradient", hiddenGradient, hidden, weight, weightGradient);
        classifierLossAndGradient.apart("hiddenGradient", hiddenGradient, targets, workspace, losses, logSumExp);
        classifierLossAndGradient.apart("weightGradient", weightGradient, hidden, weight);
        classifierLossAndGradient.apart("weightGradient", weightGradient, targets, workspace, losses, logSumExp);
    }

    private static void classified(
            OperationArguments arguments,
            Tensor hidden,
            Tensor weight,
            Tensor targets,
            Tensor workspace,
            Tensor losses,
            Tensor logSumExp) {
        DType dtype = arguments.floating("hidden", hidden);
        arguments.rank("hidden", hidden, 2, "[N, D]");
        arguments.type("weight", weight, dtype);
        arguments.rank("weight", weight, 2, "[V, D]");
        long rows = hidden.shape().dimension(0);
        long vocabulary = weight.shape().dimension(0);
        arguments.tensor("weight", weight, dtype, vocabulary, hidden.shape().dimension(1));
        arguments.tensor("targets", targets, DType.INT32, rows);
        arguments.type("workspace", workspace, dtype);
        arguments.rank("workspace", workspace, 2, "[C, V]");
        arguments.tensor("workspace", workspace, dtype, workspace.shape().dimension(0), vocabulary);
        arguments.tensor("losses", losses, dtype, rows);
        arguments.tensor("logSumExp", logSumExp, dtype, rows);
        arguments.apart("workspace", workspace, hidden, weight, targets);
        arguments.apart("workspace", workspace, losses, logSumExp);
        arguments.apart("losses", losses, hidden, weight, targets, logSumExp);
        arguments.apart("logSumExp", logSumExp, hidden, weight, targets);
    }

    /** Refuses a target that is neither a token of the vocabulary nor {@link Loss#IGNORED}. */
    public static void requireTarget(String operation, long row, int target, long vocabulary) {
        if (target != Loss.IGNORED && (target < 0 || target >= vocabulary)) {
            throw new IllegalArgumentException(operation + ": argument 'targets' has the target " + target + " at row "
                    + row + ", expected one of 0.." + (vocabulary - 1) + ", or " + Loss.IGNORED + " for none");
        }
    }
}

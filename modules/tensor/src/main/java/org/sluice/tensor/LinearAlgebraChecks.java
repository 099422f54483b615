package org.sluice.tensor;

/** The argument checks of {@link LinearAlgebra}; see {@link OperationChecks}. */
public final class LinearAlgebraChecks {
    private final OperationArguments matmul;
    private final OperationArguments embed;
    private final OperationArguments embedBackward;

    public LinearAlgebraChecks(OperationChecks operations) {
        matmul = operations.arguments("matmul");
        embed = operations.arguments("embed");
        embedBackward = operations.arguments("embedBackward");
    }

    /** For {@link LinearAlgebra#matmul}. */
    public void matmul(Tensor left, boolean transposeLeft, Tensor right, boolean transposeRight, Tensor out) {
        DType dtype = matmul.floating("out", out);
        matmul.rank("out", out, 2, "[M, P]");
        matmul.type("left", left, dtype);
        matmul.rank("left", left, 2, transposeLeft ? "[L, M]" : "[M, L]");
        long rows = out.shape().dimension(0);
        long columns = out.shape().dimension(1);
        long inner = left.shape().dimension(transposeLeft ? 0 : 1);
        matmul.tensor("left", left, dtype, transposeLeft ? inner : rows, transposeLeft ? rows : inner);
        matmul.tensor("right", right, dtype, transposeRight ? columns : inner, transposeRight ? inner : columns);
        matmul.apart("out", out, left, right);
    }

    /** For {@link LinearAlgebra#embed}. */
    public void embed(Tensor table, Tensor tokens, Tensor out) {
        embedding(embed, "table", table, tokens, "out", out);
        embed.apart("out", out, table, tokens);
    }

    /** For {@link LinearAlgebra#embedBackward}. */
    public void embedBackward(Tensor outGradient, Tensor tokens, Tensor tableGradient) {
        embedding(embedBackward, "tableGradient", tableGradient, tokens, "outGradient", outGradient);
        embedBackward.apart("tableGradient", tableGradient, outGradient, tokens);
    }

    private static void embedding(
            OperationArguments arguments,
            String tableArgument,
            Tensor table,
            Tensor tokens,
            String rowsArgument,
            Tensor rows) {
        DType dtype = arguments.floating(tableArgument, table);
        arguments.rank(tableArgument, table, 2, "[V, D]");
        arguments.type("tokens", tokens, DType.INT32);
        arguments.rank("tokens", tokens, 1, "[N]");
        arguments.tensor(
                rowsArgument, rows, dtype, tokens.elements(), table.shape().dimension(1));
    }

    /**
     * Refuses a token that the vocabulary does not have.
     *
     * @param position where among all tokens it is
     */
    public static void requireToken(String operation, long position, int token, long vocabulary) {
        if (token < 0 || token >= vocabulary) {
            throw new IllegalArgumentException(operation + ": argument 'tokens' has the token " + token
                    + " at position " + position + ", expected one of 0.." + (vocabulary - 1));
        }
    }
}

package org.sluice.tensor;

/** The argument checks of {@link LinearAlgebra}; see {@link OperationChecks}. */
public final class LinearAlgebraChecks {
    private final OperationChecks operations;

    public LinearAlgebraChecks(OperationChecks operations) {
        this.operations = operations;
    }

    /** For {@link LinearAlgebra#matmul}. */
    public void matmul(Tensor left, boolean transposeLeft, Tensor right, boolean transposeRight, Tensor out) {
        OperationCall call = operations.call("matmul");
        DType dtype = call.floating("out", out);
        call.rank("out", out, 2, "[M, P]");
        call.type("left", left, dtype);
        call.rank("left", left, 2, transposeLeft ? "[L, M]" : "[M, L]");
        long rows = out.shape().dimension(0);
        long columns = out.shape().dimension(1);
        long inner = left.shape().dimension(transposeLeft ? 0 : 1);
        call.tensor("left", left, dtype, transposeLeft ? new long[] {inner, rows} : new long[] {rows, inner});
        call.tensor("right", right, dtype, transposeRight ? new long[] {columns, inner} : new long[] {inner, columns});
        call.apart("out", out, left, right);
    }

    /** For {@link LinearAlgebra#embed}. */
    public void embed(Tensor table, Tensor tokens, Tensor out) {
        embedding(operations.call("embed"), "table", table, tokens, "out", out);
        operations.call("embed").apart("out", out, table, tokens);
    }

    /** For {@link LinearAlgebra#embedBackward}. */
    public void embedBackward(Tensor outGradient, Tensor tokens, Tensor tableGradient) {
        embedding(operations.call("embedBackward"), "tableGradient", tableGradient, tokens, "outGradient", outGradient);
        operations.call("embedBackward").apart("tableGradient", tableGradient, outGradient, tokens);
    }

    private static void embedding(
            OperationCall call, String tableArgument, Tensor table, Tensor tokens, String rowsArgument, Tensor rows) {
        DType dtype = call.floating(tableArgument, table);
        call.rank(tableArgument, table, 2, "[V, D]");
        call.type("tokens", tokens, DType.INT32);
        call.rank("tokens", tokens, 1, "[N]");
        call.tensor(rowsArgument, rows, dtype, tokens.elements(), table.shape().dimension(1));
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

package org.sluice.backend.nd4j.reference;

import static org.sluice.backend.nd4j.reference.ReferenceBackend.array;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.tensor.LinearAlgebra;
import org.sluice.tensor.LinearAlgebraChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** Matrix products by ND4J's matmul; embeddings row by row. */
final class ReferenceLinearAlgebra implements LinearAlgebra {
    private final LinearAlgebraChecks checks;

    ReferenceLinearAlgebra(OperationChecks checks) {
        this.checks = new LinearAlgebraChecks(checks);
    }

    @Override
    public void matmul(
            Tensor left, boolean transposeLeft, Tensor right, boolean transposeRight, Tensor out, boolean accumulate) {
        checks.matmul(left, transposeLeft, right, transposeRight, out);
        INDArray product = Nd4j.matmul(array(left), array(right), transposeLeft, transposeRight, false);
        if (accumulate) {
            array(out).addi(product);
        } else {
            array(out).assign(product);
        }
    }

    @Override
    public void embed(Tensor table, Tensor tokens, Tensor out) {
        checks.embed(table, tokens, out);
        int[] rows = tokens("embed", tokens, table);
        for (int n = 0; n < rows.length; n++) {
            array(out).getRow(n).assign(array(table).getRow(rows[n]));
        }
    }

    @Override
    public void embedBackward(Tensor outGradient, Tensor tokens, Tensor tableGradient) {
        checks.embedBackward(outGradient, tokens, tableGradient);
        int[] rows = tokens("embedBackward", tokens, tableGradient);
        for (int n = 0; n < rows.length; n++) {
            array(tableGradient).getRow(rows[n]).addi(array(outGradient).getRow(n));
        }
    }

    private static int[] tokens(String operation, Tensor tokens, Tensor table) {
        int[] rows = array(tokens).toIntVector();
        for (int n = 0; n < rows.length; n++) {
            LinearAlgebraChecks.requireToken(
                    operation, n, rows[n], table.shape().dimension(0));
        }
        return rows;
    }
}

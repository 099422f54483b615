package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.MatrixProduct.Matrix;
import org.sluice.backend.nd4j.cpu.kernel.RmsNormKernel;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.LinearAlgebra;
import org.sluice.tensor.LinearAlgebraChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** Matrix products by {@link SharedProducts}, and the embedding by rows; its floor is 8 bytes an element, 12 backward. */
final class CpuLinearAlgebra implements LinearAlgebra {
    /** Tokens that a thread looks up at a time. */
    private static final int TOKENS_OF_PART = 64;

    /** Ranges of the vocabulary for the backward, each with one writer. */
    private static final int VOCABULARY_PARTS = 16;

    private final WorkerTeam team;
    private final LinearAlgebraChecks checks;
    private final SharedProducts products;
    private int[] tokens = new int[0];

    CpuLinearAlgebra(WorkerTeam team, OperationChecks checks, SharedProducts products) {
        this.team = team;
        this.checks = new LinearAlgebraChecks(checks);
        this.products = products;
    }

    @Override
    public void matmul(
            Tensor left, boolean transposeLeft, Tensor right, boolean transposeRight, Tensor out, boolean accumulate) {
        checks.matmul(left, transposeLeft, right, transposeRight, out);
        Matrix leftMatrix = SharedProducts.matrix(left, left.shape().dimension(0));
        Matrix rightMatrix = SharedProducts.matrix(right, right.shape().dimension(0));
        Matrix outMatrix = SharedProducts.matrix(out, out.shape().dimension(0));
        if (transposeLeft) {
            products.multiplyTransposed(
                    Host.view(left), leftMatrix, rightMatrix, transposeRight, Host.view(out), outMatrix, accumulate);
        } else {
            products.multiply(leftMatrix, rightMatrix, transposeRight, outMatrix, accumulate);
        }
        Host.keep(left, right, out);
    }

    @Override
    public void embed(Tensor table, Tensor tokens, Tensor out) {
        checks.embed(table, tokens, out);
        int[] rows = checkedTokens("embed", tokens, table.shape().dimension(0));
        int size = Host.dimension(table, 1);
        int count = Math.toIntExact(tokens.elements());
        HostView source = Host.view(table);
        HostView target = Host.view(out);
        team.run((count + TOKENS_OF_PART - 1) / TOKENS_OF_PART, (part, scratch) -> {
            float[] row = scratch.floats(0, size);
            int end = Math.min(count, (part + 1) * TOKENS_OF_PART);
            for (int n = part * TOKENS_OF_PART; n < end; n++) {
                source.get((long) rows[n] * size, row, 0, size);
                target.put((long) n * size, row, 0, size);
            }
        });
    }

    @Override
    public void embedBackward(Tensor outGradient, Tensor tokens, Tensor tableGradient) {
        checks.embedBackward(outGradient, tokens, tableGradient);
        long vocabulary = tableGradient.shape().dimension(0);
        int[] rows = checkedTokens("embedBackward", tokens, vocabulary);
        int size = Host.dimension(tableGradient, 1);
        int stride = VectorMath.padded(size);
        int count = Math.toIntExact(tokens.elements());
        HostView source = Host.view(outGradient);
        HostView target = Host.view(tableGradient);
        team.run(VOCABULARY_PARTS, (part, scratch) -> {
            float[] sum = scratch.floats(0, stride);
            float[] addend = scratch.floats(1, stride);
            for (int n = 0; n < count; n++) {
                if (rows[n] % VOCABULARY_PARTS == part) {
                    target.get((long) rows[n] * size, sum, 0, size);
                    source.get((long) n * size, addend, 0, size);
                    RmsNormKernel.add(sum, addend, size);
                    target.put((long) rows[n] * size, sum, 0, size);
                }
            }
        });
    }

    /** The tokens, all of which the vocabulary has. They stay until the next call. */
    private int[] checkedTokens(String operation, Tensor tensor, long vocabulary) {
        tokens = Host.ints(tensor, tokens);
        for (int n = 0; n < tensor.elements(); n++) {
            LinearAlgebraChecks.requireToken(operation, n, tokens[n], vocabulary);
        }
        return tokens;
    }
}

package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.Nd4jTensor;
import org.sluice.backend.nd4j.cpu.MatrixProduct.Matrix;
import org.sluice.backend.nd4j.cpu.kernel.RmsNormKernel;
import org.sluice.tensor.MixtureChecks;
import org.sluice.tensor.Tensor;

/**
 * The products of a mixture's experts. The rows of each expert are cut into pieces, each one product by one thread, and whoever is free
 * takes the next: so cores stay busy whatever the sizes of the groups are. Pieces depend on the offsets alone, and so do the bits of the
 * results, on any number of cores. The floor is {@code 2 R L P} operations at the cores' peak for {@code R} used rows, and reading the
 * weights of every expert that has any.
 */
final class GroupedProducts implements AutoCloseable {
    /** Pieces that the sum over one expert's rows is cut into, at most. */
    private static final int PIECES_OF_SUM = 16;

    /** Rows that a piece of such a sum has at least: so many that adding it to the others is little beside it. */
    private static final int LEAST_ROWS_OF_SUM = 256;

    private final WorkerTeam team;
    private final ExpertPieces pieces = new ExpertPieces();
    private final NativeWorkspace workspace = new NativeWorkspace("weight gradients of a mixture on backend cpu");
    private int[] offsets = new int[0];

    GroupedProducts(WorkerTeam team) {
        this.team = team;
    }

    /** For {@link org.sluice.tensor.Mixture#groupedMatmul}. */
    void multiply(Tensor left, Tensor right, boolean transposeRight, Tensor offsets, Tensor out, boolean accumulate) {
        int[] starts = checkedOffsets("groupedMatmul", offsets, left);
        Matrix leftRows = SharedProducts.matrix(left, left.shape().dimension(0));
        Matrix outRows = SharedProducts.matrix(out, out.shape().dimension(0));
        int expertCount = Host.dimension(right, 0);
        long weightRows = right.shape().dimension(1);
        Matrix weights = SharedProducts.matrix(right, expertCount * weightRows);
        pieces.cutIntoProducts(starts, expertCount);
        team.run(pieces.count(), (piece, scratch) -> {
            int from = pieces.from(piece);
            int count = pieces.rows(piece);
            scratch.matrixProduct()
                    .run(
                            leftRows.rows(from, count),
                            false,
                            weights.rows(pieces.expert(piece) * weightRows, weightRows),
                            transposeRight,
                            outRows.rows(from, count),
                            accumulate);
        });
        Host.keep(left, right, out);
    }

    /**
     * For {@link org.sluice.tensor.Mixture#groupedWeightGradient}. An expert's first piece is added to its gradient at once, the others
     * are products of their own, added afterwards in their order: this moves and holds {@code P L} floats for each, at most 15 times.
     */
    void addWeightGradient(Tensor outGradient, Tensor left, Tensor offsets, Tensor weightGradient) {
        int[] starts = checkedOffsets("groupedWeightGradient", offsets, left);
        long rows = left.shape().dimension(0);
        Matrix leftRows = SharedProducts.matrix(left, rows);
        Matrix gradientRows = SharedProducts.matrix(outGradient, rows);
        int expertCount = Host.dimension(weightGradient, 0);
        long weightRows = weightGradient.shape().dimension(1);
        Matrix gradients = SharedProducts.matrix(weightGradient, expertCount * weightRows);
        int leastRows = (int) Math.max(LEAST_ROWS_OF_SUM, (rows + PIECES_OF_SUM - 1) / PIECES_OF_SUM);
        pieces.cutIntoSums(starts, expertCount, leastRows);
        long elements = weightRows * gradients.columns();
        Nd4jTensor partials = workspace.floats(Math.max(1, pieces.laterCount() * elements));
        Matrix partialRows = new Matrix(partials.address(), pieces.laterCount() * weightRows, gradients.columns());
        team.run(pieces.count(), (piece, scratch) -> {
            Matrix target = pieces.isFirst(piece)
                    ? gradients.rows(pieces.expert(piece) * weightRows, weightRows)
                    : partialRows.rows(pieces.laterBefore(piece) * weightRows, weightRows);
            boolean accumulate = pieces.isFirst(piece);
            int end = pieces.from(piece) + pieces.rows(piece);
            for (int row = pieces.from(piece), count; row < end; row += count) {
                count = ExpertPieces.rowsOfSum(end - row);
                scratch.matrixProduct()
                        .run(gradientRows.rows(row, count), true, leftRows.rows(row, count), false, target, accumulate);
                accumulate = true;
            }
        });
        for (int piece = 0; piece < pieces.count(); piece++) {
            if (!pieces.isFirst(piece)) {
                addPartial(partials.host(), pieces.laterBefore(piece), weightGradient, pieces.expert(piece), elements);
            }
        }
        Host.keep(outGradient, left, weightGradient);
    }

    private void addPartial(HostView partials, long partial, Tensor weightGradient, long expert, long elements) {
        HostView target = Host.view(weightGradient);
        Tiles.run(team, elements, (start, count, scratch) -> {
            float[] sum = scratch.floats(0, Scratch.TILE);
            float[] addend = scratch.floats(1, Scratch.TILE);
            target.get(expert * elements + start, sum, 0, count);
            partials.get(partial * elements + start, addend, 0, count);
            RmsNormKernel.add(sum, addend, count);
            target.put(expert * elements + start, sum, 0, count);
        });
    }

    /** The offsets, which never decrease and end within the permuted rows. They stay until the next call. */
    private int[] checkedOffsets(String operation, Tensor tensor, Tensor permuted) {
        offsets = Host.ints(tensor, offsets);
        for (int x = 0; x < tensor.elements(); x++) {
            int previous = x == 0 ? 0 : offsets[x - 1];
            MixtureChecks.requireOffset(
                    operation, x, offsets[x], previous, permuted.shape().dimension(0));
        }
        return offsets;
    }

    long workspaceBytes() {
        return workspace.bytes();
    }

    @Override
    public void close() {
        workspace.close();
    }
}

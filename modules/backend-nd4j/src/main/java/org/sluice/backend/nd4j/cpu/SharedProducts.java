package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.Nd4jTensor;
import org.sluice.backend.nd4j.cpu.MatrixProduct.Matrix;
import org.sluice.backend.nd4j.cpu.kernel.RmsNormKernel;
import org.sluice.tensor.Tensor;

/**
 * Matrix products spread over the cores of a team, each core with a product of its own on contiguous rows.
 *
 * <p>The floor is {@code 2 M L P} operations at the cores' peak; of a product with a single row, a token of generated text, reading
 * {@code right} once, {@code 4 L P} bytes, which all cores do together. Another product with {@code left} as it stands is split by rows of
 * {@code out}. With {@code left} transposed, as for the gradient of a weight, rows of {@code out} are columns of {@code left}, and
 * oneDNN is not used for column views. So there are two ways:
 *
 * <ul>
 *   <li>Split the rows of {@code left} and {@code right}, which the sum runs over, and add the cores' partial products in their order.
 *       This needs {@code right} as it stands, and moves and holds {@code (cores - 1) M P} floats more.
 *   <li>Copy blocks of columns of {@code left} together. This moves {@code L M} floats more.
 * </ul>
 *
 * The one that moves less is taken; so the extra memory is never more than that of {@code left}.
 */
final class SharedProducts implements AutoCloseable {
    /** Columns of {@code left} that are copied together: enough for a product at full speed. */
    private static final int PACKED_COLUMNS = 256;

    private final WorkerTeam team;
    private final NativeWorkspace workspace = new NativeWorkspace("matrix products of backend cpu");

    SharedProducts(WorkerTeam team) {
        this.team = team;
    }

    /** A tensor as a matrix of {@code rows} rows. */
    static Matrix matrix(Tensor tensor, long rows) {
        return new Matrix(Host.tensor(tensor).address(), rows, tensor.elements() / rows);
    }

    /** {@code out = left op(right)}, added to {@code out} if {@code accumulate}. */
    void multiply(Matrix left, Matrix right, boolean transposeRight, Matrix out, boolean accumulate) {
        long rows = out.rows();
        if (rows == 1 && transposeRight) {
            multiplyRow(left, right, out, accumulate);
            return;
        }
        int parts = (int) Math.min(team.cores(), rows);
        team.run(parts, (part, scratch) -> {
            long from = rows * part / parts;
            long count = rows * (part + 1) / parts - from;
            scratch.matrixProduct()
                    .run(left.rows(from, count), false, right, transposeRight, out.rows(from, count), accumulate);
        });
    }

    /** {@code out = left right^T} for a single row, split by rows of {@code right}: each is read once, by one core. */
    private void multiplyRow(Matrix left, Matrix right, Matrix out, boolean accumulate) {
        long columns = out.columns();
        int parts = (int) Math.min(team.cores(), columns);
        team.run(parts, (part, scratch) -> {
            long from = columns * part / parts;
            long count = columns * (part + 1) / parts - from;
            Matrix outPart = new Matrix(out.address() + from * Float.BYTES, 1, count);
            scratch.matrixProduct().run(left, false, right.rows(from, count), true, outPart, accumulate);
        });
    }

    /**
     * {@code out = left^T op(right)}, added to {@code out} if {@code accumulate}.
     *
     * @param leftMemory the tensor whose first rows are {@code left}
     * @param outMemory the tensor that is {@code out}
     */
    void multiplyTransposed(
            HostView leftMemory,
            Matrix left,
            Matrix right,
            boolean transposeRight,
            HostView outMemory,
            Matrix out,
            boolean accumulate) {
        int parts = (int) Math.min(team.cores(), left.rows());
        if (parts == 1) {
            team.run(1, (part, scratch) -> scratch.matrixProduct()
                    .run(left, true, right, transposeRight, out, accumulate));
        } else if (!transposeRight && (parts - 1) * out.columns() <= left.rows()) {
            addPartialProducts(parts, left, right, outMemory, out, accumulate);
        } else {
            packColumns(leftMemory, left, right, transposeRight, out, accumulate);
        }
    }

    private void addPartialProducts(
            int parts, Matrix left, Matrix right, HostView outMemory, Matrix out, boolean accumulate) {
        long elements = out.rows() * out.columns();
        long inner = left.rows();
        Nd4jTensor partials = workspace.floats((parts - 1) * elements);
        Matrix partial = new Matrix(partials.address(), (parts - 1) * out.rows(), out.columns());
        team.run(parts, (part, scratch) -> {
            long from = inner * part / parts;
            long count = inner * (part + 1) / parts - from;
            Matrix target = part == 0 ? out : partial.rows((part - 1) * out.rows(), out.rows());
            scratch.matrixProduct()
                    .run(left.rows(from, count), true, right.rows(from, count), false, target, accumulate && part == 0);
        });
        HostView source = partials.host();
        Tiles.run(team, elements, (start, count, scratch) -> {
            float[] sum = scratch.floats(0, Scratch.TILE);
            float[] addend = scratch.floats(1, Scratch.TILE);
            outMemory.get(start, sum, 0, count);
            for (int part = 1; part < parts; part++) {
                source.get((part - 1) * elements + start, addend, 0, count);
                RmsNormKernel.add(sum, addend, count);
            }
            outMemory.put(start, sum, 0, count);
        });
    }

    private void packColumns(
            HostView leftMemory, Matrix left, Matrix right, boolean transposeRight, Matrix out, boolean accumulate) {
        long inner = left.rows();
        long columns = left.columns();
        int width = (int) Math.min(PACKED_COLUMNS, (columns + team.cores() - 1) / team.cores());
        Nd4jTensor packed = workspace.floats(team.cores() * inner * width);
        int parts = Math.toIntExact((columns + width - 1) / width);
        team.run(parts, (part, scratch) -> {
            long from = (long) part * width;
            int count = (int) Math.min(width, columns - from);
            long start = scratch.thread() * inner * width;
            float[] row = scratch.floats(0, count);
            for (long i = 0; i < inner; i++) {
                leftMemory.get(i * columns + from, row, 0, count);
                packed.host().put(start + i * count, row, 0, count);
            }
            Matrix block = new Matrix(packed.address() + start * Float.BYTES, inner, count);
            scratch.matrixProduct().run(block, true, right, transposeRight, out.rows(from, count), accumulate);
        });
    }

    long workspaceBytes() {
        return workspace.bytes();
    }

    @Override
    public void close() {
        workspace.close();
    }
}

package org.sluice.backend.nd4j.cpu;

import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.kernel.ClipKernel;
import org.sluice.backend.nd4j.cpu.kernel.RmsNormKernel;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Normalisation;
import org.sluice.tensor.NormalisationChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/**
 * RMSNorm a tile of rows at a time. The floor is memory: 8 bytes an element forward, 16 with the residual add, 12 backward, 16 if it
 * accumulates; of the clip 8 bytes forward, 12 backward. The rotary part is in {@link HeadNormRotary}.
 */
final class CpuNormalisation implements Normalisation {
    private final WorkerTeam team;
    private final NormalisationChecks checks;
    private final HeadNormRotary headNormRotary;
    private final WeightGradientParts weightGradients = new WeightGradientParts();

    CpuNormalisation(WorkerTeam team, OperationChecks checks) {
        this.team = team;
        this.checks = new NormalisationChecks(checks);
        this.headNormRotary = new HeadNormRotary(team);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor weight, double epsilon, Tensor out, Tensor inverseRms) {
        checks.rmsNorm(x, weight, epsilon, out, inverseRms);
        forward(x, null, weight, epsilon, null, out, inverseRms);
    }

    @Override
    public void addRmsNorm(
            Tensor residual, Tensor branch, Tensor weight, double epsilon, Tensor sum, Tensor out, Tensor inverseRms) {
        checks.addRmsNorm(residual, branch, weight, epsilon, sum, out, inverseRms);
        forward(residual, branch, weight, epsilon, sum, out, inverseRms);
    }

    /** @param branch what is added to {@code x} first, into {@code sum}; or both null */
    private void forward(
            Tensor x, Tensor branch, Tensor weight, double epsilon, Tensor sum, Tensor out, Tensor inverseRms) {
        long rows = x.shape().dimension(0);
        int size = Math.toIntExact(x.shape().dimension(1));
        int stride = VectorMath.padded(size);
        int tileRows = RowTiles.rows(stride);
        HostView source = Host.view(x);
        HostView addend = branch == null ? null : Host.view(branch);
        HostView total = branch == null ? null : Host.view(sum);
        Rows.run(team, rows, tileRows, (row, count, scratch) -> {
            float[] input = scratch.floats(0, tileRows * stride);
            float[] output = scratch.floats(1, tileRows * stride);
            float[] scale = scratch.floats(2, stride);
            float[] inverse = scratch.floats(3, tileRows);
            RowTiles.load(Host.view(weight), 0, 1, size, stride, scale);
            RowTiles.load(source, row, count, size, stride, input);
            if (addend != null) {
                RowTiles.load(addend, row, count, size, stride, output);
                RmsNormKernel.add(input, output, count * stride);
                RowTiles.store(input, total, row, count, size, stride);
            }
            for (int i = 0; i < count; i++) {
                inverse[i] = RmsNormKernel.inverseRms(input, i * stride, stride, size, epsilon, scratch.lanes());
                RmsNormKernel.scale(input, i * stride, stride, scale, inverse[i], output);
            }
            RowTiles.store(output, Host.view(out), row, count, size, stride);
            Host.view(inverseRms).put(row, inverse, 0, count);
        });
    }

    @Override
    public void rmsNormBackward(
            Tensor outGradient,
            Tensor x,
            Tensor weight,
            Tensor inverseRms,
            Tensor xGradient,
            boolean accumulate,
            Tensor weightGradient) {
        checks.rmsNormBackward(outGradient, x, weight, inverseRms, xGradient, weightGradient);
        long rows = x.shape().dimension(0);
        int size = Math.toIntExact(x.shape().dimension(1));
        int stride = VectorMath.padded(size);
        int parts = WeightGradientParts.parts(rows);
        float[] sums = weightGradients.zeroed(parts, stride);
        RowBackward backward = new RowBackward(
                Host.view(outGradient),
                Host.view(x),
                Host.view(weight),
                Host.view(inverseRms),
                Host.view(xGradient),
                accumulate,
                size,
                stride);
        int rowsOfPart = WeightGradientParts.rowsOfPart(rows);
        team.run(parts, (part, scratch) -> {
            long from = (long) part * rowsOfPart;
            backward.run(from, Math.min(rows, from + rowsOfPart), sums, part * stride, scratch);
        });
        weightGradients.addTo(Host.view(weightGradient), 0, parts, stride, 0, size);
    }

    /** The backward of a range of rows. */
    private record RowBackward(
            HostView outGradient,
            HostView x,
            HostView weight,
            HostView inverseRms,
            HostView xGradient,
            boolean accumulate,
            int size,
            int stride) {

        void run(long from, long to, float[] sums, int sumsAt, Scratch scratch) {
            int tileRows = RowTiles.rows(stride);
            float[] dy = scratch.floats(0, tileRows * stride);
            float[] input = scratch.floats(1, tileRows * stride);
            float[] dx = scratch.floats(2, tileRows * stride);
            float[] scale = scratch.floats(3, stride);
            float[] inverse = scratch.floats(4, tileRows);
            RowTiles.load(weight, 0, 1, size, stride, scale);
            for (long row = from; row < to; row += tileRows) {
                int count = (int) Math.min(tileRows, to - row);
                RowTiles.load(outGradient, row, count, size, stride, dy);
                RowTiles.load(x, row, count, size, stride, input);
                if (accumulate) {
                    RowTiles.load(xGradient, row, count, size, stride, dx);
                }
                inverseRms.get(row, inverse, 0, count);
                for (int i = 0; i < count; i++) {
                    int at = i * stride;
                    double dot = RmsNormKernel.dot(dy, scale, input, at, stride, scratch.lanes());
                    float along = (float) (dot / size * inverse[i] * inverse[i] * inverse[i]);
                    RmsNormKernel.backward(
                            dy, scale, input, at, stride, inverse[i], along, dx, accumulate, sums, sumsAt);
                }
                RowTiles.store(dx, xGradient, row, count, size, stride);
            }
        }
    }

    @Override
    public void headNormRotary(
            Tensor x, Tensor weight, double epsilon, Tensor cosine, Tensor sine, Tensor out, Tensor inverseRms) {
        checks.headNormRotary(x, weight, epsilon, cosine, sine, out, inverseRms);
        headNormRotary.forward(x, weight, epsilon, cosine, sine, out, inverseRms);
    }

    @Override
    public void headNormRotaryBackward(
            Tensor outGradient,
            Tensor x,
            Tensor weight,
            Tensor cosine,
            Tensor sine,
            Tensor inverseRms,
            Tensor xGradient,
            Tensor weightGradient) {
        checks.headNormRotaryBackward(outGradient, x, weight, cosine, sine, inverseRms, xGradient, weightGradient);
        headNormRotary.backward(outGradient, x, weight, cosine, sine, inverseRms, xGradient, weightGradient);
    }

    @Override
    public void clip(Tensor x, double bound) {
        checks.clip(x, bound);
        Tiles.run(team, x.elements(), (start, count, scratch) -> {
            float[] value = scratch.floats(0, Scratch.TILE);
            Host.view(x).get(start, value, 0, count);
            ClipKernel.forward(value, (float) bound, count);
            Host.view(x).put(start, value, 0, count);
        });
    }

    @Override
    public void clipBackward(Tensor x, double bound, Tensor gradient) {
        checks.clipBackward(x, bound, gradient);
        Tiles.run(team, x.elements(), (start, count, scratch) -> {
            float[] value = scratch.floats(0, Scratch.TILE);
            float[] dx = scratch.floats(1, Scratch.TILE);
            Host.view(x).get(start, value, 0, count);
            Host.view(gradient).get(start, dx, 0, count);
            ClipKernel.backward(value, (float) bound, dx, count);
            Host.view(gradient).put(start, dx, 0, count);
        });
    }
}

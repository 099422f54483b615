package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.kernel.RmsNormKernel;
import org.sluice.backend.nd4j.cpu.kernel.RotaryKernel;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Tensor;

/**
 * QK-norm and rotary position embedding in one pass, a few positions with all their heads at a time. The floor is memory: 8 bytes an
 * element forward, 12 backward.
 */
final class HeadNormRotary {
    private final WorkerTeam team;
    private final WeightGradientParts weightGradients = new WeightGradientParts();

    HeadNormRotary(WorkerTeam team) {
        this.team = team;
    }

    /**
     * The sizes of a call.
     *
     * @param half half the head dimension
     * @param padded {@code half} up to whole vectors
     */
    private record Sizes(long positions, int time, int heads, int half, int padded) {
        static Sizes of(Tensor x) {
            int half = Host.dimension(x, 3) / 2;
            long positions = x.shape().dimension(0) * x.shape().dimension(1);
            return new Sizes(positions, Host.dimension(x, 1), Host.dimension(x, 2), half, VectorMath.padded(half));
        }

        int stride() {
            return 2 * padded;
        }

        int tilePositions() {
            return RowTiles.rows(heads * stride());
        }

        /** Room for a tile. */
        int tile() {
            return tilePositions() * heads * stride();
        }

        /** Loads the vectors of all heads at {@code count} positions, halves apart. */
        void load(HostView source, long position, int count, float[] tile) {
            RowTiles.load(source, position * heads * 2, count * heads * 2, half, padded, tile);
        }

        void store(float[] tile, HostView target, long position, int count) {
            RowTiles.store(tile, target, position * heads * 2, count * heads * 2, half, padded);
        }

        /** Loads a vector of the head dimension, halves apart. */
        void loadWeight(HostView source, float[] tile) {
            RowTiles.load(source, 0, 2, half, padded, tile);
        }

        /** Loads the cosines or sines of {@code count} positions; the gaps are 0, since what an earlier operation left may be NaN. */
        void loadAngles(HostView table, long position, int count, float[] tile) {
            for (int i = 0; i < count; i++) {
                table.get((position + i) % time * half, tile, i * padded, half);
                Arrays.fill(tile, i * padded + half, (i + 1) * padded, 0f);
            }
        }
    }

    void forward(Tensor x, Tensor weight, double epsilon, Tensor cosine, Tensor sine, Tensor out, Tensor inverseRms) {
        Sizes sizes = Sizes.of(x);
        int heads = sizes.heads();
        int stride = sizes.stride();
        Rows.run(team, sizes.positions(), sizes.tilePositions(), (position, count, scratch) -> {
            float[] input = scratch.floats(0, sizes.tile());
            float[] output = scratch.floats(1, sizes.tile());
            float[] scale = scratch.floats(2, stride);
            float[] inverse = scratch.floats(3, sizes.tilePositions() * heads);
            float[] cosines = scratch.floats(4, sizes.tilePositions() * sizes.padded());
            float[] sines = scratch.floats(5, sizes.tilePositions() * sizes.padded());
            sizes.loadWeight(Host.view(weight), scale);
            sizes.loadAngles(Host.view(cosine), position, count, cosines);
            sizes.loadAngles(Host.view(sine), position, count, sines);
            sizes.load(Host.view(x), position, count, input);
            for (int i = 0; i < count * heads; i++) {
                int at = i * stride;
                inverse[i] = RmsNormKernel.inverseRms(input, at, stride, 2 * sizes.half(), epsilon, scratch.lanes());
                int angle = i / heads * sizes.padded();
                RotaryKernel.forward(input, at, sizes.padded(), scale, inverse[i], cosines, sines, angle, output);
            }
            sizes.store(output, Host.view(out), position, count);
            Host.view(inverseRms).put(position * heads, inverse, 0, count * heads);
        });
    }

    void backward(
            Tensor outGradient,
            Tensor x,
            Tensor weight,
            Tensor cosine,
            Tensor sine,
            Tensor inverseRms,
            Tensor xGradient,
            Tensor weightGradient) {
        Sizes sizes = Sizes.of(x);
        int parts = WeightGradientParts.parts(sizes.positions());
        int positionsOfPart = WeightGradientParts.rowsOfPart(sizes.positions());
        float[] sums = weightGradients.zeroed(parts, sizes.stride());
        Backward backward = new Backward(
                sizes,
                Host.view(outGradient),
                Host.view(x),
                Host.view(weight),
                Host.view(cosine),
                Host.view(sine),
                Host.view(inverseRms),
                Host.view(xGradient));
        team.run(parts, (part, scratch) -> {
            long from = (long) part * positionsOfPart;
            long to = Math.min(sizes.positions(), from + positionsOfPart);
            backward.run(from, to, sums, part * sizes.stride(), scratch);
        });
        HostView target = Host.view(weightGradient);
        int half = sizes.half();
        weightGradients.addTo(target, 0, parts, sizes.stride(), 0, half);
        weightGradients.addTo(target, half, parts, sizes.stride(), sizes.padded(), half);
    }

    /** The backward of a range of positions. */
    private record Backward(
            Sizes sizes,
            HostView outGradient,
            HostView x,
            HostView weight,
            HostView cosine,
            HostView sine,
            HostView inverseRms,
            HostView xGradient) {

        void run(long from, long to, float[] sums, int sumsAt, Scratch scratch) {
            float[] dy = scratch.floats(0, sizes.tile());
            float[] input = scratch.floats(1, sizes.tile());
            float[] dx = scratch.floats(2, sizes.tile());
            float[] scale = scratch.floats(3, sizes.stride());
            float[] inverse = scratch.floats(4, sizes.tilePositions() * sizes.heads());
            float[] cosines = scratch.floats(5, sizes.tilePositions() * sizes.padded());
            float[] sines = scratch.floats(6, sizes.tilePositions() * sizes.padded());
            sizes.loadWeight(weight, scale);
            for (long position = from; position < to; position += sizes.tilePositions()) {
                int count = (int) Math.min(sizes.tilePositions(), to - position);
                sizes.loadAngles(cosine, position, count, cosines);
                sizes.loadAngles(sine, position, count, sines);
                sizes.load(outGradient, position, count, dy);
                sizes.load(x, position, count, input);
                inverseRms.get(position * sizes.heads(), inverse, 0, count * sizes.heads());
                for (int i = 0; i < count * sizes.heads(); i++) {
                    int at = i * sizes.stride();
                    int angle = i / sizes.heads() * sizes.padded();
                    RotaryKernel.rotateBack(dy, at, sizes.padded(), cosines, sines, angle);
                    double dot = RmsNormKernel.dot(dy, scale, input, at, sizes.stride(), scratch.lanes());
                    float along = (float) (dot / (2 * sizes.half()) * inverse[i] * inverse[i] * inverse[i]);
                    RmsNormKernel.backward(
                            dy, scale, input, at, sizes.stride(), inverse[i], along, dx, false, sums, sumsAt);
                }
                sizes.store(dx, xGradient, position, count);
            }
        }
    }
}

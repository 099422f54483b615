package org.sluice.evaluation;

import java.util.function.Consumer;
import org.sluice.model.GateConfig;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * Reads the tensors of a gate and adds up its figures, on the host and in double precision.
 *
 * <p>The mean score that stands in for the scores ({@link GateSums#withMeanScore}) is that of the layer over one token block's real
 * rows: so a figure does not depend on which blocks go through the model together.
 */
final class GateMeasures {
    private static final long READ_AT_ONCE = 1 << 18;

    private final Memory memory;

    GateMeasures(Memory memory) {
        this.memory = memory;
    }

    /**
     * The figures of one gate at one layer in one forward pass.
     *
     * @param rows which rows count
     * @param logits {@code [B, T, heads, E]} or, headwise, {@code [B, T, heads]}
     * @param before what is gated {@code [B, T, heads, E]}
     * @param after the gated values {@code [B, T, heads, E]}
     */
    GateSums of(GateConfig gate, RealRows rows, Tensor logits, Tensor before, Tensor after) {
        GateSums sums = GateSums.nothing(gate);
        for (RealRows.Run block : rows.runs()) {
            sums = sums.plus(ofBlock(gate, rows.batchRows(), block, logits, before, after));
        }
        return sums;
    }

    private GateSums ofBlock(
            GateConfig gate, long batchRows, RealRows.Run block, Tensor logits, Tensor before, Tensor after) {
        GateSums nothing = GateSums.nothing(gate);
        int perRow = Math.toIntExact(logits.elements() / batchRows);
        int heads = gate.headShared() ? Math.toIntExact(logits.shape().dimension(2)) : 1;
        Scores scores = new Scores(gate.activation(), heads, perRow / heads, nothing.histogram());
        read(logits, batchRows, block, scores::add);
        ValueSums.Counter withMeanScore = new ValueSums.Counter();
        double meanScore = scores.sum / scores.count;
        boolean multiplicative = gate.combine() == GateCombine.MULTIPLICATIVE;
        ValueSums.Counter ungated = new ValueSums.Counter();
        read(before, batchRows, block, values -> {
            for (double value : values) {
                ungated.add(value);
                withMeanScore.add(multiplicative ? value * meanScore : value + meanScore);
            }
        });
        ValueSums.Counter gated = new ValueSums.Counter();
        read(after, batchRows, block, values -> {
            for (double value : values) {
                gated.add(value);
            }
        });
        return new GateSums(
                gate,
                scores.sum,
                scores.count,
                nothing.histogram().plus(scores.bins),
                ungated.sums(),
                gated.sums(),
                withMeanScore.sums());
    }

    /** Reads some rows of a tensor, a number of whole rows at a time, so that a long block needs little memory on the host. */
    private void read(Tensor tensor, long batchRows, RealRows.Run block, Consumer<double[]> reader) {
        long perRow = tensor.elements() / batchRows;
        long rowsAtOnce = Math.max(1, READ_AT_ONCE / perRow);
        for (long row = 0; row < block.count(); row += rowsAtOnce) {
            long count = Math.min(rowsAtOnce, block.count() - row);
            reader.accept(memory.readDoubles(
                    tensor.slice(tensor.name(), (block.first() + row) * perRow, Shape.of(count * perRow))));
        }
    }

    /** Adds up the scores of logits. */
    private static final class Scores {
        private final GateActivation activation;
        private final int sharing;
        private final int perHead;
        private final ScoreHistogram histogram;
        private final long[] bins = new long[ScoreHistogram.BINS];
        private double sum;
        private long count;

        /**
         * @param sharing the heads of which each score is the mean
         * @param perHead the logits of each of these, side by side in a row
         */
        Scores(GateActivation activation, int sharing, int perHead, ScoreHistogram histogram) {
            this.activation = activation;
            this.sharing = sharing;
            this.perHead = perHead;
            this.histogram = histogram;
        }

        void add(double[] logits) {
            for (int row = 0; row < logits.length; row += sharing * perHead) {
                for (int index = row; index < row + perHead; index++) {
                    double score = 0;
                    for (int head = 0; head < sharing; head++) {
                        score += activation.score(logits[index + head * perHead]);
                    }
                    add(score / sharing);
                }
            }
        }

        private void add(double score) {
            sum += score;
            count++;
            if (!Double.isNaN(score)) {
                bins[histogram.bin(score)]++;
            }
        }
    }
}

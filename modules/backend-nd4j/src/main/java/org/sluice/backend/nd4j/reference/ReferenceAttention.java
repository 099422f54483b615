package org.sluice.backend.nd4j.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;
import static org.sluice.backend.nd4j.reference.ReferenceBackend.array;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.sluice.tensor.Attention;
import org.sluice.tensor.AttentionChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** Attention one sequence and head at a time, with the whole matrix of scores. */
final class ReferenceAttention implements Attention {
    private final AttentionChecks checks;

    ReferenceAttention(OperationChecks checks) {
        this.checks = new AttentionChecks(checks);
    }

    @Override
    public void forward(
            Tensor query, Tensor key, Tensor value, Tensor firstVisible, double scale, Tensor out, Tensor logSumExp) {
        checks.forward(query, key, value, firstVisible, scale, out, logSumExp);
        forward(query, key, value, starts("attention forward", firstVisible, 0), 0, scale, out, logSumExp);
    }

    @Override
    public void forwardCached(
            Tensor query,
            Tensor keys,
            Tensor values,
            Tensor firstVisible,
            int firstTime,
            double scale,
            Tensor out,
            Tensor logSumExp) {
        checks.forwardCached(query, keys, values, firstVisible, firstTime, scale, out, logSumExp);
        int[][] starts = starts("attention forwardCached", firstVisible, firstTime);
        forward(query, keys, values, starts, firstTime, scale, out, logSumExp);
    }

    private static void forward(
            Tensor query,
            Tensor keys,
            Tensor values,
            int[][] starts,
            int firstTime,
            double scale,
            Tensor out,
            Tensor logSumExp) {
        for (int b = 0; b < starts.length; b++) {
            INDArray mask = mask(starts[b], firstTime, array(query));
            int seen = firstTime + starts[b].length;
            for (int h = 0; h < query.shape().dimension(2); h++) {
                int k = keyHead(h, query, keys);
                INDArray scores = scores(head(query, b, h), firstOf(seen, head(keys, b, k)), scale, mask);
                INDArray largest = scores.max(1);
                INDArray sums =
                        Transforms.exp(scores.subColumnVector(column(largest))).sum(1);
                INDArray total = Transforms.log(sums).addi(largest);
                statistic(logSumExp, b, h).assign(total);
                headView(out, b, h).assign(probabilities(scores, total).mmul(firstOf(seen, head(values, b, k))));
            }
        }
    }

    @Override
    public void outputDot(Tensor outGradient, Tensor out, Tensor delta) {
        checks.outputDot(outGradient, out, delta);
        array(delta).assign(array(outGradient).mul(array(out)).sum(3).permute(0, 2, 1));
    }

    @Override
    public void backward(
            Tensor outGradient,
            Tensor delta,
            Tensor query,
            Tensor key,
            Tensor value,
            Tensor firstVisible,
            double scale,
            Tensor logSumExp,
            Tensor queryGradient,
            Tensor keyGradient,
            Tensor valueGradient) {
        checks.backward(
                outGradient,
                delta,
                query,
                key,
                value,
                firstVisible,
                scale,
                logSumExp,
                queryGradient,
                keyGradient,
                valueGradient);
        int[][] starts = starts("attention backward", firstVisible, 0);
        array(keyGradient).assign(0);
        array(valueGradient).assign(0);
        for (int b = 0; b < starts.length; b++) {
            INDArray mask = mask(starts[b], 0, array(query));
            for (int h = 0; h < query.shape().dimension(2); h++) {
                int k = keyHead(h, query, key);
                INDArray q = head(query, b, h);
                INDArray dout = head(outGradient, b, h);
                INDArray p = probabilities(scores(q, head(key, b, k), scale, mask), statistic(logSumExp, b, h));
                INDArray dp = dout.mmul(head(value, b, k).transpose());
                INDArray ds = dp.subiColumnVector(column(statistic(delta, b, h)))
                        .muli(p)
                        .muli(scale);
                headView(queryGradient, b, h).assign(ds.mmul(head(key, b, k)));
                headView(keyGradient, b, k).addi(ds.transpose().mmul(q));
                headView(valueGradient, b, k).addi(p.transpose().mmul(dout));
            }
        }
    }

    @Override
    public void firstTokenProbability(
            Tensor query, Tensor key, Tensor firstVisible, double scale, Tensor logSumExp, Tensor out) {
        checks.firstTokenProbability(query, key, firstVisible, scale, logSumExp, out);
        int[][] starts = starts("attention firstTokenProbability", firstVisible, 0);
        double[] sums = new double[(int) query.shape().dimension(2)];
        for (int b = 0; b < starts.length; b++) {
            INDArray mask = mask(starts[b], 0, array(query));
            for (int h = 0; h < sums.length; h++) {
                INDArray scores = scores(head(query, b, h), head(key, b, keyHead(h, query, key)), scale, mask);
                INDArray p = probabilities(scores, statistic(logSumExp, b, h));
                for (int t = 0; t < starts[b].length; t++) {
                    sums[h] += p.getDouble(t, starts[b][t]);
                }
            }
        }
        array(out).assign(Nd4j.createFromArray(sums));
    }

    /** {@code scale * q k^T}, a row for each query; minus infinity where a query does not see a key. */
    private static INDArray scores(INDArray query, INDArray key, double scale, INDArray mask) {
        return query.mmul(key.transpose()).muli(scale).addi(mask);
    }

    private static INDArray probabilities(INDArray scores, INDArray logSumExp) {
        return Transforms.exp(scores.subColumnVector(column(logSumExp)));
    }

    /** 0 where the query of time {@code firstTime + t} sees key {@code j}, else minus infinity. */
    private static INDArray mask(int[] starts, int firstTime, INDArray model) {
        double[][] mask = new double[starts.length][firstTime + starts.length];
        for (int t = 0; t < starts.length; t++) {
            for (int j = 0; j < mask[t].length; j++) {
                mask[t][j] = j >= starts[t] && j <= firstTime + t ? 0 : Double.NEGATIVE_INFINITY;
            }
        }
        return Nd4j.createFromArray(mask).castTo(model.dataType());
    }

    /** The entries of {@code firstVisible}, one array a sequence. */
    private static int[][] starts(String operation, Tensor firstVisible, int firstTime) {
        int[][] starts = array(firstVisible).toIntMatrix();
        for (int b = 0; b < starts.length; b++) {
            int previous = 0;
            for (int t = 0; t < starts[b].length; t++) {
                AttentionChecks.requireFirstVisible(operation, b, firstTime + t, starts[b][t], previous);
                previous = starts[b][t];
            }
        }
        return starts;
    }

    private static int keyHead(int head, Tensor query, Tensor key) {
        return (int) (head / (query.shape().dimension(2) / key.shape().dimension(2)));
    }

    /** A copy of one head of one sequence, {@code [T, E]}. */
    private static INDArray head(Tensor tensor, int sequence, int head) {
        return headView(tensor, sequence, head).dup('c');
    }

    /** The first of the rows, {@code [rows, E]}. */
    private static INDArray firstOf(int rows, INDArray vectors) {
        return vectors.get(interval(0, rows), all());
    }

    /** One head of one sequence where it lies, {@code [T, E]}. */
    private static INDArray headView(Tensor tensor, int sequence, int head) {
        return array(tensor).get(point(sequence), all(), point(head), all());
    }

    /** One head's row of {@code [B, H, T]}, {@code [T]}. */
    private static INDArray statistic(Tensor tensor, int sequence, int head) {
        return array(tensor).get(point(sequence), point(head), all());
    }

    private static INDArray column(INDArray vector) {
        return vector.reshape(vector.length(), 1);
    }
}

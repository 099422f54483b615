package org.sluice.backend.nd4j.cpu;

import java.util.Arrays;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.cpu.kernel.GateKernels;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Attention;
import org.sluice.tensor.AttentionChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** Attention, a head of a sequence at a time on each core; see {@link AttentionForward} and {@link AttentionBackward}. */
final class CpuAttention implements Attention {
    private final WorkerTeam team;
    private final AttentionChecks checks;
    private int[] firstVisible = new int[0];

    CpuAttention(WorkerTeam team, OperationChecks checks) {
        this.team = team;
        this.checks = new AttentionChecks(checks);
    }

    @Override
    public void forward(
            Tensor query, Tensor key, Tensor value, Tensor firstVisible, double scale, Tensor out, Tensor logSumExp) {
        checks.forward(query, key, value, firstVisible, scale, out, logSumExp);
        AttentionSizes sizes = AttentionSizes.of(query, key);
        int[] visible = visible("attention forward", firstVisible, sizes);
        forward(sizes, query, key, value, visible, scale, out, logSumExp);
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
        AttentionSizes sizes = AttentionSizes.of(query, keys, firstTime);
        int[] visible = visible("attention forwardCached", firstVisible, sizes);
        if (sizes.time() == 1) {
            sizes = sizes.headsAsQueries();
            visible = ofEachHead(visible, Host.dimension(query, 0), Host.dimension(query, 2));
        }
        forward(sizes, query, keys, values, visible, scale, out, logSumExp);
    }

    private void forward(
            AttentionSizes sizes,
            Tensor query,
            Tensor keys,
            Tensor values,
            int[] visible,
            double scale,
            Tensor out,
            Tensor logSumExp) {
        AttentionForward forward = new AttentionForward(
                sizes,
                Host.view(query),
                Host.view(keys),
                Host.view(values),
                visible,
                (float) scale,
                Host.view(out),
                Host.view(logSumExp));
        team.run(
                sizes.batch() * sizes.heads(),
                (part, scratch) -> forward.run(part / sizes.heads(), part % sizes.heads(), scratch));
    }

    @Override
    public void outputDot(Tensor outGradient, Tensor out, Tensor delta) {
        checks.outputDot(outGradient, out, delta);
        int size = Host.dimension(out, 3);
        int stride = VectorMath.padded(size);
        HeadRows.run(team, out, Host.view(delta), stride, (row, count, deltas, scratch) -> {
            float[] dout = scratch.floats(0, count * stride);
            float[] output = scratch.floats(1, count * stride);
            RowTiles.load(Host.view(outGradient), row, count, size, stride, dout);
            RowTiles.load(Host.view(out), row, count, size, stride, output);
            for (int i = 0; i < count; i++) {
                deltas[i] = GateKernels.dot(dout, i * stride, output, i * stride, stride, scratch.lanes());
            }
        });
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
        AttentionSizes sizes = AttentionSizes.of(query, key);
        AttentionBackward backward = new AttentionBackward(
                sizes,
                Host.view(outGradient),
                Host.view(delta),
                Host.view(query),
                Host.view(key),
                Host.view(value),
                visible("attention backward", firstVisible, sizes),
                (float) scale,
                Host.view(logSumExp),
                Host.view(queryGradient),
                Host.view(keyGradient),
                Host.view(valueGradient));
        team.run(
                sizes.batch() * sizes.kvHeads(),
                (part, scratch) -> backward.run(part / sizes.kvHeads(), part % sizes.kvHeads(), scratch));
    }

    @Override
    public void firstTokenProbability(
            Tensor query, Tensor key, Tensor firstVisible, double scale, Tensor logSumExp, Tensor out) {
        checks.firstTokenProbability(query, key, firstVisible, scale, logSumExp, out);
        AttentionSizes sizes = AttentionSizes.of(query, key);
        int[] first = visible("attention firstTokenProbability", firstVisible, sizes);
        double[] sums = new double[sizes.batch() * sizes.heads()];
        HostView queries = Host.view(query);
        HostView keys = Host.view(key);
        HostView totals = Host.view(logSumExp);
        team.run(sums.length, (part, scratch) -> {
            int sequence = part / sizes.heads();
            int head = part % sizes.heads();
            float[] total = scratch.floats(0, sizes.time());
            totals.get(sizes.perQuery(sequence, head, 0), total, 0, sizes.time());
            for (int t = 0; t < sizes.time(); t++) {
                int j = first[sequence * sizes.time() + t];
                double score = scale * dot(sizes, queries, keys, sequence, head, t, j, scratch);
                sums[part] += Math.exp(score - total[t]);
            }
        });
        double[] perHead = new double[sizes.heads()];
        for (int part = 0; part < sums.length; part++) {
            perHead[part % sizes.heads()] += sums[part];
        }
        Host.view(out).put(0, perHead, 0, perHead.length);
    }

    /** The product of query {@code t} of a head and key {@code j}. */
    private static float dot(
            AttentionSizes sizes,
            HostView queries,
            HostView keys,
            int sequence,
            int head,
            int t,
            int j,
            Scratch scratch) {
        float[] query = scratch.floats(1, sizes.stride());
        float[] key = scratch.floats(2, sizes.stride());
        long row = (long) sequence * sizes.time();
        RowTiles.load(queries, (row + t) * sizes.heads() + head, 1, sizes.headDim(), sizes.stride(), query);
        long keyRow = (row + j) * sizes.kvHeads() + head / sizes.group();
        RowTiles.load(keys, keyRow, 1, sizes.headDim(), sizes.stride(), key);
        return GateKernels.dot(query, 0, key, 0, sizes.stride(), scratch.lanes());
    }

    /** An entry for each head of each sequence. */
    private static int[] ofEachHead(int[] visible, int batch, int heads) {
        int[] each = new int[batch * heads];
        for (int sequence = 0; sequence < batch; sequence++) {
            Arrays.fill(each, sequence * heads, (sequence + 1) * heads, visible[sequence]);
        }
        return each;
    }

    /** The entries of {@code firstVisible}, checked. They stay until the next call. */
    private int[] visible(String operation, Tensor tensor, AttentionSizes sizes) {
        firstVisible = Host.ints(tensor, firstVisible);
        for (int sequence = 0; sequence < sizes.batch(); sequence++) {
            int previous = 0;
            for (int t = 0; t < sizes.time(); t++) {
                int entry = firstVisible[sequence * sizes.time() + t];
                AttentionChecks.requireFirstVisible(operation, sequence, sizes.firstTime() + t, entry, previous);
                previous = entry;
            }
        }
        return firstVisible;
    }
}

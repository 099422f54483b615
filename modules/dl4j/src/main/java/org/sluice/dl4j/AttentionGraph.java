package org.sluice.dl4j;

import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.model.GatePosition;

/**
 * The forward of the layer as a graph. It is built once, for batches and lengths of any size: both are read from the input in each call, and
 * shapes that depend on them are computed in the graph, but for one dimension that may be {@code -1}.
 */
final class AttentionGraph {
    /** Added to the scores of keys that are hidden: the softmax of what remains is exactly 0. */
    private static final double HIDDEN_SCORE = -1e9;

    private final SameDiff sameDiff;
    private final AttentionSettings settings;
    private final PositionGraph positions;
    private final DataType type;
    private final SDVariable batch;
    private final SDVariable length;
    private final SDVariable rows;
    private final SDVariable present;

    /**
     * @param input {@code [B, D, T]}
     * @param parameters by {@link LayerParameter#key}
     * @param mask {@code [B, T]} of any type, above 0.5 for steps that are there
     */
    AttentionGraph(
            SameDiff sameDiff,
            AttentionSettings settings,
            SDVariable input,
            Map<String, SDVariable> parameters,
            SDVariable mask) {
        this.sameDiff = sameDiff;
        this.settings = settings;
        type = input.dataType();
        batch = sameDiff.gather(input.shape(), new int[] {0}, 0);
        length = sameDiff.gather(input.shape(), new int[] {2}, 0);
        rows = input.permute(0, 2, 1).reshape(-1, settings.hidden());
        present = mask.gt(0.5).castTo(type);
        positions = new PositionGraph(sameDiff, settings, parameters, rows);
    }

    /** {@code [B, D, T]}. */
    SDVariable output() {
        int heads = settings.heads();
        SDVariable attended = attend(
                rotated(GatePosition.QUERY, "q", heads),
                rotated(GatePosition.KEY, "k", settings.kvHeads()),
                projected(GatePosition.VALUE, "v", settings.kvHeads()));
        SDVariable gated = positions.pass(GatePosition.SDPA_OUTPUT, attended, heads, settings.headDim());
        SDVariable dense = positions.project(gated.reshape(-1, (long) heads * settings.headDim()), "o_proj");
        SDVariable branch = positions
                .pass(GatePosition.DENSE_OUTPUT, dense, 1, settings.hidden())
                .reshape(-1, settings.hidden());
        return branch.mul(present.reshape(-1, 1))
                .reshape(sizes(batch, length, known(settings.hidden())))
                .permute(0, 2, 1);
    }

    /** Queries, keys or values behind their position: {@code [N, heads, E]}. */
    private SDVariable projected(GatePosition position, String letter, int heads) {
        return positions.pass(position, positions.project(rows, letter + "_proj"), heads, settings.headDim());
    }

    /** Queries or keys after all that comes before their product: {@code [N, heads, E]}. */
    private SDVariable rotated(GatePosition position, String letter, int heads) {
        int headDim = settings.headDim();
        SDVariable normed = positions.normed(projected(position, letter, heads), letter + "_norm");
        SDVariable[] halves = sameDiff.split(normed.reshape(sizes(batch, length, known(heads), known(headDim))), 2, 3);
        SDVariable angles = angles();
        SDVariable cosine = turned(sameDiff.math.cos(angles));
        SDVariable sine = turned(sameDiff.math.sin(angles));
        SDVariable first = halves[0].mul(cosine).sub(halves[1].mul(sine));
        SDVariable second = halves[1].mul(cosine).add(halves[0].mul(sine));
        return sameDiff.concat(3, first, second).reshape(-1, heads, headDim);
    }

    /** How far each position turns each pair of a head {@code [T, E / 2]}; in double precision whatever the network's type. */
    private SDVariable angles() {
        double[] frequencies = settings.rope().frequencies(settings.headDim());
        return steps().reshape(-1, 1)
                .mul(sameDiff.constant(Nd4j.createFromArray(frequencies).reshape(1, frequencies.length)));
    }

    /** Cosines or sines {@code [T, E / 2]} as {@code [1, T, 1, E / 2]} in the network's type, with YaRN's attention factor. */
    private SDVariable turned(SDVariable ofAngles) {
        return ofAngles.mul(settings.rope().yarn().attentionFactor())
                .castTo(type)
                .reshape(1, -1, 1, settings.headDim() / 2);
    }

    /** {@code 0 .. T - 1} in double precision. */
    private SDVariable steps() {
        return sameDiff.cumsum(sameDiff.fill(length, DataType.DOUBLE, 1), true, false, 0);
    }

    /**
     * All query heads that read one key/value head are multiplied with it at once, {@code G = H / K} of them.
     *
     * @param query {@code [N, H, E]}
     * @param key {@code [N, K, E]}
     * @param value {@code [N, K, E]}
     * @return {@code [N, H, E]}
     */
    private SDVariable attend(SDVariable query, SDVariable key, SDVariable value) {
        int heads = settings.heads();
        SDVariable groupLength = length.mul(known(heads / settings.kvHeads()));
        SDVariable grouped = sizes(known(-1), groupLength, known(settings.headDim()));
        SDVariable single = sizes(known(-1), length, known(settings.headDim()));
        SDVariable queries = headsFirst(query, heads).reshape(grouped);
        SDVariable keys = headsFirst(key, settings.kvHeads()).reshape(single);
        SDVariable values = headsFirst(value, settings.kvHeads()).reshape(single);
        SDVariable scores = sameDiff.mmul(queries, keys, false, true, false)
                .mul(1 / Math.sqrt(settings.headDim()))
                .reshape(sizes(batch, known(heads), length, length));
        SDVariable probabilities =
                sameDiff.nn.softmax(scores.add(hiddenScores()), 3).reshape(sizes(known(-1), groupLength, length));
        return sameDiff.mmul(probabilities, values)
                .reshape(sizes(batch, known(heads), length, known(settings.headDim())))
                .permute(0, 2, 1, 3)
                .reshape(-1, heads, settings.headDim());
    }

    /** {@code [N, heads, E]} to {@code [B, heads, T, E]}. */
    private SDVariable headsFirst(SDVariable x, int heads) {
        return x.reshape(sizes(batch, length, known(heads), known(settings.headDim())))
                .permute(0, 2, 1, 3);
    }

    /**
     * What is added to scores {@code [B, 1, T, T]}: 0 where the query sees the key. It sees itself always, so that no softmax is over nothing.
     */
    private SDVariable hiddenScores() {
        SDVariable distance = steps().reshape(-1, 1).sub(steps().reshape(1, -1));
        SDVariable earlier = distance.gt(0).castTo(type).reshape(sizes(known(1), known(1), length, length));
        SDVariable itself = distance.eq(0).castTo(type).reshape(sizes(known(1), known(1), length, length));
        SDVariable keys = present.reshape(sizes(batch, known(1), known(1), length));
        SDVariable visible = earlier.mul(keys).add(itself);
        return visible.rsub(1).mul(HIDDEN_SCORE);
    }

    private SDVariable known(long size) {
        return sameDiff.constant(Nd4j.createFromArray(size));
    }

    private SDVariable sizes(SDVariable... dimensions) {
        return sameDiff.concat(0, dimensions);
    }
}

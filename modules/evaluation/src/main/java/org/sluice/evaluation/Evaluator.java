package org.sluice.evaluation;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sluice.data.TokenBlock;
import org.sluice.model.Decoder;
import org.sluice.model.TokenBatch;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Loss;

/**
 * Runs a model over held-out token blocks and adds up what it does there.
 *
 * <p>Blocks are taken in the order in which they come, as many to a batch as the decoder has sequences. How they fall into batches
 * changes sums in their last bits only.
 */
public final class Evaluator {
    private final Backend backend;
    private final int sequences;
    private final int length;

    /**
     * @param backend the backend of the decoders that will be evaluated
     * @param sequences the sequences of a batch that those decoders were made for
     * @param length the tokens of a sequence that they were made for
     */
    public Evaluator(Backend backend, int sequences, int length) {
        this.backend = Objects.requireNonNull(backend, "backend");
        this.sequences = sequences;
        this.length = length;
    }

    /**
     * Evaluates a decoder with the parameters that it holds now.
     *
     * @param decoder on this evaluator's backend
     * @param blocks held-out blocks, each of {@code length + 1} tokens
     * @throws IllegalArgumentException if there is no block at all, or one of another length; the message says which
     */
    public PartialEvaluation evaluate(Decoder decoder, Iterator<TokenBlock> blocks) {
        if (!blocks.hasNext()) {
            throw new IllegalArgumentException("there are no held-out blocks to evaluate on; prepare the dataset with a"
                    + " larger held-out share");
        }
        SortedMap<String, LossSum> domains = new TreeMap<>();
        try (LayerMeasures measures = new LayerMeasures(backend, decoder.config())) {
            List<TokenBlock> batch = new ArrayList<>();
            while (blocks.hasNext()) {
                batch.add(checked(blocks.next()));
                if (batch.size() == sequences || !blocks.hasNext()) {
                    evaluateBatch(decoder, batch, measures, domains);
                    batch.clear();
                }
            }
            return new PartialEvaluation(domains, measures.layers());
        }
    }

    private void evaluateBatch(
            Decoder decoder, List<TokenBlock> blocks, LayerMeasures measures, SortedMap<String, LossSum> domains) {
        TokenBatch batch = TokenBatch.of(
                sequences,
                length,
                blocks.stream().map(TokenBlock::tokens).toList(),
                blocks.stream().map(TokenBlock::documentStarts).toList());
        measures.startBatch(new RealRows(blocks, sequences, length));
        decoder.forward(batch, measures);
        double[] losses = backend.memory().readDoubles(decoder.losses());
        for (int sequence = 0; sequence < blocks.size(); sequence++) {
            LossSum loss = blockLoss(batch, losses, sequence);
            domains.merge(blocks.get(sequence).domain(), loss, LossSum::plus);
        }
    }

    private LossSum blockLoss(TokenBatch batch, double[] losses, int sequence) {
        double sum = 0;
        long targets = 0;
        for (int row = sequence * length; row < (sequence + 1) * length; row++) {
            if (batch.targets()[row] != Loss.IGNORED) {
                sum += losses[row];
                targets++;
            }
        }
        return new LossSum(sum, targets, 1);
    }

    private TokenBlock checked(TokenBlock block) {
        if (block.tokens().length != length + 1) {
            throw new IllegalArgumentException("held-out block " + block.number() + " has " + block.tokens().length
                    + " tokens; a model that is evaluated on sequences of " + length + " needs blocks of "
                    + (length + 1));
        }
        return block;
    }
}

package org.sluice.training;

import java.util.ArrayList;
import java.util.List;
import org.sluice.model.Decoder;
import org.sluice.model.DecoderConfig;
import org.sluice.model.DecoderMode;
import org.sluice.model.Parameter;
import org.sluice.model.TokenBatch;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * One copy of a model in training: its parameters and gradients, the optimizer and its state.
 *
 * <p>A step is a pure function of the parameters, the optimizer's state, the step's number and the blocks: the same bits again on the
 * same backend with the same cores. A replica is used by one thread at a time.
 */
public final class Replica implements AutoCloseable {
    private final TrainingConfig config;
    private final Backend backend;
    private final int blockLength;
    private final Decoder decoder;
    private final Arena arena;
    private final Optimizer optimizer;
    private final LearningRateSchedule schedule;
    private final Tensor squares;
    private final Tensor largest;

    /**
     * Sets up a replica. Its parameters are zero until {@link #initialise} or until they are written.
     *
     * @param backend what it runs on; it stays open when the replica is closed
     * @param blockLength the positions of a sequence; its blocks have one token more
     */
    public Replica(DecoderConfig model, TrainingConfig config, Backend backend, int blockLength) {
        this.config = config;
        this.backend = backend;
        this.blockLength = blockLength;
        this.schedule = new LearningRateSchedule(config);
        this.decoder =
                new Decoder(model, backend, DType.FLOAT32, config.microBatch(), blockLength, DecoderMode.TRAINING);
        Arena opened = null;
        try {
            opened = backend.newArena("optimizer");
            this.squares = opened.allocate("gradient.squares", DType.FLOAT64, Shape.of(1));
            this.largest = opened.allocate("largest", DType.FLOAT64, Shape.of(1));
            this.optimizer = new Optimizer(
                    config,
                    decoder.layout(),
                    decoder.parameters(),
                    decoder.gradients(),
                    opened,
                    backend.optimisation(),
                    backend.memory());
            this.arena = opened;
        } catch (RuntimeException | Error failure) {
            if (opened != null) {
                opened.close();
            }
            decoder.close();
            throw failure;
        }
    }

    /** Draws the parameters from the configured seed and clears the optimizer's state. */
    public void initialise() {
        decoder.initialise(config.seed());
        optimizer.reset();
    }

    /**
     * One step: the gradient of the mean loss over all targets of the blocks, gathered over micro-batches, clipped, and one update.
     *
     * @param step counted from 0; it sets the learning rate and the optimizer's bias correction
     * @throws NumericsException if the loss or the gradient is not finite; nothing has been updated then
     * @throws IllegalArgumentException if there is no block or one is malformed
     */
    public StepResult step(long step, List<TrainingBlock> blocks) {
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("step " + (step + 1) + " has no blocks; it needs at least 1");
        }
        List<TokenBatch> batches = microBatches(blocks);
        long targets = batches.stream().mapToLong(TokenBatch::targetCount).sum();
        double scale = targets == 0 ? 0 : 1.0 / targets;
        backend.memory().fill(decoder.gradients(), 0);
        double lossSum = 0;
        for (TokenBatch batch : batches) {
            lossSum += decoder.forwardBackward(batch, scale, config.zLossWeight());
            if (!Double.isFinite(lossSum)) {
                throw notFinite("the loss is " + lossSum, step, blocks);
            }
        }
        backend.statistics().sumOfSquares(decoder.gradients(), squares);
        double norm = Math.sqrt(backend.memory().scalar(squares));
        if (!Double.isFinite(norm)) {
            throw notFinite("the gradient norm is " + norm, step, blocks);
        }
        double learningRate = schedule.at(step);
        optimizer.update(step, learningRate, clippingFactor(norm));
        return new StepResult(step, lossSum, targets, norm, learningRate);
    }

    private double clippingFactor(double norm) {
        return config.gradientClip() > 0 && norm > config.gradientClip() ? config.gradientClip() / norm : 1;
    }

    private List<TokenBatch> microBatches(List<TrainingBlock> blocks) {
        List<TokenBatch> batches = new ArrayList<>();
        for (int from = 0; from < blocks.size(); from += config.microBatch()) {
            List<TrainingBlock> part = blocks.subList(from, Math.min(blocks.size(), from + config.microBatch()));
            batches.add(TokenBatch.of(
                    config.microBatch(),
                    blockLength,
                    part.stream().map(TrainingBlock::tokens).toList(),
                    part.stream().map(TrainingBlock::documentStarts).toList()));
        }
        return batches;
    }

    /** A parameter that is not finite is the cause; if there is none, the gradient that is not; if all are finite, the largest. */
    private NumericsException notFinite(String what, long step, List<TrainingBlock> blocks) {
        List<Long> numbers = blocks.stream().map(TrainingBlock::number).toList();
        Extreme parameter = extreme("parameter ", decoder.parameters());
        Extreme gradient = extreme("gradient of ", decoder.gradients());
        boolean parameterFirst = !Double.isFinite(parameter.value())
                || (Double.isFinite(gradient.value()) && parameter.value() > gradient.value());
        Extreme chosen = parameterFirst ? parameter : gradient;
        return new NumericsException(what, step, numbers, chosen.name(), chosen.value());
    }

    private record Extreme(String name, double value) {}

    private Extreme extreme(String prefix, Tensor flat) {
        Extreme result = new Extreme("", -1);
        for (Parameter parameter : decoder.layout().parameters()) {
            backend.statistics()
                    .maxAbsolute(flat.slice(parameter.name(), parameter.offset(), parameter.shape()), largest);
            double value = backend.memory().scalar(largest);
            if (!Double.isFinite(value)) {
                return new Extreme(prefix + parameter.name(), value);
            }
            if (value > result.value()) {
                result = new Extreme(prefix + parameter.name(), value);
            }
        }
        return result;
    }

    /** The model; its parameters may be read and written between steps. */
    public Decoder decoder() {
        return decoder;
    }

    /** The optimizer's state, which together with the parameters and the next step's number is all that a replica is; may be written. */
    public List<NamedState> optimizerState() {
        return optimizer.state();
    }

    /** The bytes of backend memory that the replica holds. */
    public long allocatedBytes() {
        return decoder.allocatedBytes() + arena.allocatedBytes();
    }

    @Override
    public void close() {
        arena.close();
        decoder.close();
    }
}

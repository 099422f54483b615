package org.sluice.training;

import java.util.List;
import java.util.Optional;
import org.sluice.model.Decoder;
import org.sluice.model.DecoderConfig;
import org.sluice.model.DecoderMode;
import org.sluice.model.ExpertCounts;
import org.sluice.model.ForwardObserver;
import org.sluice.model.PassObjective;
import org.sluice.model.RouterObjective;
import org.sluice.model.RouterSums;
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
 * same backend with the same cores. What a replica takes is {@link ReplicaMemory}. A replica is used by one thread at a time.
 */
public final class Replica implements AutoCloseable {
    private final TrainingConfig config;
    private final Backend backend;
    private final Decoder decoder;
    private final TokenBatch batch;
    private final Arena arena;
    private final Optimizer optimizer;
    private final LearningRateSchedule schedule;
    private final Tensor squares;
    private final NumericsDiagnosis diagnosis;

    /**
     * Sets up a replica. Its parameters are zero until {@link #initialise} or until they are written.
     *
     * @param backend what it runs on; it stays open when the replica is closed
     * @param blockLength the positions of a sequence; its blocks have one token more
     */
    public Replica(DecoderConfig model, TrainingConfig config, Backend backend, int blockLength) {
        this.config = config;
        this.backend = backend;
        this.schedule = new LearningRateSchedule(config);
        this.decoder =
                new Decoder(model, backend, DType.FLOAT32, config.microBatch(), blockLength, DecoderMode.TRAINING);
        this.batch = TokenBatch.padding(config.microBatch(), blockLength);
        Arena opened = null;
        try {
            opened = backend.newArena("optimizer");
            this.squares = opened.allocate("gradient.squares", DType.FLOAT64, Shape.of(1));
            Tensor largest = opened.allocate("largest", DType.FLOAT64, Shape.of(1));
            this.diagnosis = new NumericsDiagnosis(decoder, backend, largest);
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
     * <p>A mixture of experts adds each layer's load-balance loss and router z-loss, means over the step's routed rows. Its experts' shares
     * are those of the whole step. If that is more than one micro-batch, a forward pass over all of them counts the shares before the
     * first gradient, which costs about a third more time and is exact.
     *
     * @param step counted from 0; it sets the learning rate and the optimizer's bias correction
     * @throws NumericsException if the loss or the gradient is not finite; nothing has been updated then
     * @throws IllegalArgumentException if there is no block or one is malformed
     */
    public StepResult step(long step, List<TrainingBlock> blocks) {
        return step(step, step, blocks);
    }

    /**
     * One step of a replica whose optimizer's state was cleared since the training began.
     *
     * @param step counted from 0; it sets the learning rate
     * @param updates how many updates made the optimizer's state: its bias correction goes by them
     * @throws NumericsException as the other step
     * @throws IllegalArgumentException as the other step
     */
    public StepResult step(long step, long updates, List<TrainingBlock> blocks) {
        boolean counted = config.hasRouterLosses(decoder.config()) && blocks.size() > config.microBatch();
        return step(step, updates, blocks, counted ? Optional.of(countExperts(blocks)) : Optional.empty());
    }

    /**
     * One step on a part of a batch that several replicas share, all with the same parameters. The experts' shares are those of the whole
     * batch, and the routers' losses are scaled so that the mean of all replicas' gradients, each weighted by its targets, is the gradient of
     * the whole batch.
     *
     * @param whole the sum of what {@link #countExperts} gave for all parts of the batch, with the parameters as they are now
     * @throws NumericsException as the other steps
     * @throws IllegalArgumentException as the other steps
     */
    public StepResult step(long step, long updates, List<TrainingBlock> blocks, RoutedBatch whole) {
        return step(step, updates, blocks, Optional.of(whole));
    }

    /** Counts by forward passes which experts the blocks' rows are given to; changes nothing but the decoder's activations. */
    public RoutedBatch countExperts(List<TrainingBlock> blocks) {
        Positions positions = positions(blocks);
        ExpertCounts experts = ExpertCounts.none(decoder.config());
        for (int from = 0; from < blocks.size(); from += config.microBatch()) {
            load(blocks, from);
            decoder.forward(batch, ForwardObserver.none());
            experts = experts.plus(decoder.routing().counts());
        }
        return new RoutedBatch(experts, positions.routed(), positions.targets());
    }

    private StepResult step(long step, long updates, List<TrainingBlock> blocks, Optional<RoutedBatch> whole) {
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("step " + (step + 1) + " has no blocks; it needs at least 1");
        }
        Positions positions = positions(blocks);
        double scale = positions.targets() == 0 ? 0 : 1.0 / positions.targets();
        PassObjective objective = new PassObjective(scale, config.zLossWeight(), routerObjective(positions, whole));
        backend.memory().fill(decoder.gradients(), 0);
        double lossSum = 0;
        RouterSums routing = RouterSums.none(decoder.config());
        for (int from = 0; from < blocks.size(); from += config.microBatch()) {
            load(blocks, from);
            lossSum += decoder.forwardBackward(batch, objective);
            routing = routing.plus(decoder.routing());
            if (!Double.isFinite(lossSum)) {
                throw diagnosis.exception("the loss is " + lossSum, step, blocks);
            }
        }
        backend.statistics().sumOfSquares(decoder.gradients(), squares);
        double norm = Math.sqrt(backend.memory().scalar(squares));
        if (!Double.isFinite(norm)) {
            throw diagnosis.exception("the gradient norm is " + norm, step, blocks);
        }
        double learningRate = schedule.at(step);
        optimizer.update(updates, learningRate, clippingFactor(norm));
        return new StepResult(step, lossSum, positions.targets(), norm, learningRate, routing);
    }

    private RouterObjective routerObjective(Positions positions, Optional<RoutedBatch> whole) {
        if (!config.hasRouterLosses(decoder.config())) {
            return RouterObjective.NONE;
        }
        double scale = whole.map(batch -> batch.routerScale(positions.routed(), positions.targets()))
                .orElse(1.0);
        return new RouterObjective(
                scale * config.loadBalanceWeight(),
                scale * config.routerZLossWeight(),
                Math.max(1, positions.routed()),
                whole.map(RoutedBatch::experts));
    }

    private double clippingFactor(double norm) {
        return config.gradientClip() > 0 && norm > config.gradientClip() ? config.gradientClip() / norm : 1;
    }

    /** What a step must know of all its blocks before the first gradient; so malformed ones are refused before anything is computed. */
    private record Positions(long targets, long routed) {}

    private Positions positions(List<TrainingBlock> blocks) {
        long targets = 0;
        long routed = 0;
        for (int from = 0; from < blocks.size(); from += config.microBatch()) {
            load(blocks, from);
            targets += batch.targetCount();
            routed += batch.routedCount();
        }
        return new Positions(targets, routed);
    }

    /** Fills the micro-batch, which is kept from step to step, with the blocks from {@code from} on; what they do not fill is padding. */
    private void load(List<TrainingBlock> blocks, int from) {
        for (int sequence = 0; sequence < config.microBatch(); sequence++) {
            if (from + sequence < blocks.size()) {
                TrainingBlock block = blocks.get(from + sequence);
                batch.put(sequence, block.tokens(), block.documentStarts());
            } else {
                batch.pad(sequence);
            }
        }
    }

    /** The model; its parameters may be read and written between steps. */
    public Decoder decoder() {
        return decoder;
    }

    /** Sets the optimizer's state to what it is before the first update. */
    public void clearOptimizer() {
        optimizer.reset();
    }

    /** The names of the optimizer's state under some settings, in its order; each is as large as all parameters. */
    public static List<String> optimizerStateNames(TrainingConfig config) {
        return Optimizer.stateNames(config);
    }

    /** The optimizer's state, which together with the parameters and the next step's number is all that a replica is; may be written. */
    public List<NamedState> optimizerState() {
        return optimizer.state();
    }

    /** The bytes of backend memory that the replica holds; {@link ReplicaMemory#total} says it beforehand. */
    public long allocatedBytes() {
        return decoder.allocatedBytes() + arena.allocatedBytes();
    }

    @Override
    public void close() {
        arena.close();
        decoder.close();
    }
}

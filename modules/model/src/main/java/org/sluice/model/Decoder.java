package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * A pre-norm decoder with explicit forward and backward, for batches of one fixed size.
 *
 * <pre>
 * stream = embedding[tokens]
 * for each layer: stream += attention(norm(stream)); stream += feedForward(norm(stream))
 * loss   = crossEntropy(norm(stream) classifier^T, targets)
 * </pre>
 *
 * <p>All memory is allocated when the decoder is made, in one arena that {@link #close} frees; a pass allocates nothing. What it takes is
 * {@link DecoderMemory}. A decoder is used by one thread at a time, and closed before its backend.
 */
public final class Decoder implements AutoCloseable {
    private static final int INITIALISED_AT_ONCE = 1 << 20;

    private final DecoderConfig config;
    private final Backend backend;
    private final Arena arena;
    private final Weights weights;
    private final DecoderInput input;
    private final Tensor targets;
    private final LayerStack layers;
    private final ClassifierHead head;
    private final Optional<StreamGradients> streamGradients;
    private RouterSums routing;

    /**
     * The gradients that run back along the residual stream.
     *
     * @param stream of the stream itself {@code [N, D]}
     * @param normalised of the normalised stream that a branch reads {@code [N, D]}
     */
    private record StreamGradients(HeadTensor stream, Tensor normalised) {
        static StreamGradients allocate(Allocator allocator, DecoderConfig config) {
            return new StreamGradients(
                    allocator.asOneHead(allocator.rows("stream", config.hidden())),
                    allocator.rows("normalised", config.hidden()));
        }
    }

    /**
     * Makes a decoder whose parameters are all zero; {@link #initialise} or a write to {@link #parameters} gives them values.
     *
     * @param backend stays the caller's to close
     * @param dtype of parameters and activations: a floating-point type that the backend supports
     * @param sequences {@code B} of every batch
     * @param length {@code T} of every batch
     * @throws IllegalArgumentException if the backend does not support the type
     * @throws org.sluice.tensor.OutOfDeviceMemoryException if the memory does not suffice
     */
    public Decoder(DecoderConfig config, Backend backend, DType dtype, int sequences, int length, DecoderMode mode) {
        if (!dtype.isFloatingPoint() || !backend.supports(dtype)) {
            throw new IllegalArgumentException("backend " + backend.name() + " cannot compute a model in " + dtype);
        }
        this.config = config;
        this.backend = backend;
        this.routing = RouterSums.none(config);
        BatchShape batchShape = new BatchShape(sequences, length);
        this.arena = backend.newArena("decoder");
        try {
            Allocator allocator = Allocator.of(arena, dtype, batchShape);
            this.weights = Weights.allocate(arena, dtype, ParameterLayout.of(config), mode);
            this.input = DecoderInput.allocate(allocator, config);
            this.targets = allocator.allocate("targets", DType.INT32, batchShape.perRow());
            AttentionCore.Factory cores = SequenceAttention.Factory.of(backend, config, allocator, input);
            this.layers = new DecoderBuilder(backend, config, allocator, weights, mode, input, cores).stack();
            Weight classifier = weights.classifier(config);
            this.head = new ClassifierHead(backend, allocator.under("classifier"), config, classifier, targets);
            this.streamGradients = mode == DecoderMode.TRAINING
                    ? Optional.of(StreamGradients.allocate(allocator.under("gradients"), config))
                    : Optional.empty();
        } catch (RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    public DecoderConfig config() {
        return config;
    }

    /** Where each parameter lies in {@link #parameters} and {@link #gradients}. */
    public ParameterLayout layout() {
        return weights.layout();
    }

    /** All parameters, flat, {@code [P]}. */
    public Tensor parameters() {
        return weights.values();
    }

    /**
     * The gradients of all parameters, flat, {@code [P]}. {@link #forwardBackward} adds to them; setting them to zero is the caller's.
     *
     * @throws IllegalStateException if the decoder was made for evaluation
     */
    public Tensor gradients() {
        return weights.gradients().orElseThrow(Decoder::notForTraining);
    }

    /** Gives all parameters their initial values; see {@link ParameterInitialiser}. */
    public void initialise(long seed) {
        ParameterInitialiser initialiser = new ParameterInitialiser(layout(), seed);
        for (long from = 0; from < layout().elements(); from += INITIALISED_AT_ONCE) {
            int count = (int) Math.min(INITIALISED_AT_ONCE, layout().elements() - from);
            backend.memory()
                    .writeDoubles(
                            initialiser.values(from, count), parameters().slice("parameters", from, Shape.of(count)));
        }
    }

    /**
     * One forward and backward pass; adds to {@link #gradients}.
     *
     * @param objective what is differentiated
     * @return the sum of the losses (cross-entropy in nats, without any other loss) over the batch's targets; waits for it
     * @throws IllegalArgumentException if the batch has another size than this decoder, or a token is outside the vocabulary
     * @throws IllegalStateException if the decoder was made for evaluation
     */
    public double forwardBackward(TokenBatch batch, PassObjective objective) {
        StreamGradients gradients = streamGradients.orElseThrow(Decoder::notForTraining);
        forwardToFinalNorm(batch, ForwardObserver.none());
        head.lossAndGradient(
                layers.normalised(), objective.gradientScale(), objective.zLossWeight(), gradients.normalised());
        layers.backward(gradients.normalised(), gradients.stream(), objective.router());
        return head.sum();
    }

    /**
     * One forward pass.
     *
     * @param observer is shown each layer
     * @return the sum of the losses (cross-entropy in nats) over the batch's targets; waits for it
     * @throws IllegalArgumentException if the batch has another size than this decoder, or a token is outside the vocabulary
     */
    public double forward(TokenBatch batch, ForwardObserver observer) {
        forwardToFinalNorm(batch, observer);
        return head.loss(layers.normalised());
    }

    /**
     * Computes the logits of the last pass. They are never kept: a pass needs those of a few rows at a time only.
     *
     * @param out {@code [B * T, V]}, of this decoder's type and backend; overwritten
     */
    public void logits(Tensor out) {
        head.logits(layers.normalised(), out);
    }

    /** The loss of each position of the last pass, 0 where there is no target: {@code [B * T]}, overwritten by the next pass. */
    public Tensor losses() {
        return head.losses();
    }

    /** What the routers did in the last pass; nothing for a dense model. */
    public RouterSums routing() {
        return routing;
    }

    /** The bytes that this decoder holds in its backend's memory; {@link DecoderMemory#total} says it beforehand. */
    public long allocatedBytes() {
        return arena.allocatedBytes();
    }

    @Override
    public void close() {
        arena.close();
    }

    private void forwardToFinalNorm(TokenBatch batch, ForwardObserver observer) {
        input.load(batch, backend.memory());
        backend.memory().writeInts(batch.targets(), targets);
        layers.forward(observer);
        routing = RouterSums.ofRows(config, batch);
        layers.addTo(routing);
    }

    private static IllegalStateException notForTraining() {
        return new IllegalStateException(
                "this decoder was made for evaluation and has no gradients; make one with DecoderMode.TRAINING");
    }
}

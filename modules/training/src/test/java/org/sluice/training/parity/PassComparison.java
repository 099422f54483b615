package org.sluice.training.parity;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sluice.model.Decoder;
import org.sluice.model.DecoderConfig;
import org.sluice.model.DecoderMode;
import org.sluice.model.Parameter;
import org.sluice.model.PassObjective;
import org.sluice.model.RouterObjective;
import org.sluice.model.RouterSums;
import org.sluice.model.TokenBatch;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** One forward and backward pass, against PyTorch's. */
final class PassComparison {
    private final ParityCase parity;
    private final DecoderConfig model;
    private final Backend backend;
    private final DType dtype;
    private final List<Difference> differences = new ArrayList<>();

    private PassComparison(ParityCase parity, Backend backend, DType dtype) {
        this.parity = parity;
        this.model = parity.model();
        this.backend = backend;
        this.dtype = dtype;
    }

    /** @param dtype what the pass is computed in */
    static List<Difference> of(ParityCase parity, Backend backend, DType dtype) {
        PassComparison comparison = new PassComparison(parity, backend, dtype);
        comparison.run();
        return comparison.differences;
    }

    private void run() {
        int sequences = Math.toIntExact(parity.shape("tokens").dimension(0));
        int length = Math.toIntExact(parity.shape("tokens").dimension(1));
        TokenBatch batch = new TokenBatch(
                sequences,
                length,
                parity.integers("tokens"),
                parity.integers("targets"),
                parity.integers("first_visible"));
        try (Decoder decoder = new Decoder(model, backend, dtype, sequences, length, DecoderMode.TRAINING);
                Arena arena = backend.newArena("parity")) {
            backend.memory().writeDoubles(parity.parameters(), decoder.parameters());
            backend.memory().fill(decoder.gradients(), 0);
            double loss = decoder.forwardBackward(batch, objective(batch)) / batch.targetCount();
            Tensor logits = arena.allocate("logits", dtype, Shape.of((long) sequences * length, model.vocabulary()));
            decoder.logits(logits);
            compare(Quantity.LOGITS, backend.memory().readDoubles(logits));
            compare(Quantity.LOSS, loss);
            if (model.mixture().isPresent()) {
                compare(Quantity.ROUTER_LOSSES, routerLosses(decoder.routing()));
            }
            compareGradients(decoder);
        }
    }

    private PassObjective objective(TokenBatch batch) {
        RouterObjective router = new RouterObjective(
                parity.number("load_balance"), parity.number("router_z_loss"), batch.routedCount(), Optional.empty());
        return new PassObjective(1.0 / batch.targetCount(), parity.number("z_loss"), router);
    }

    /** Each layer's load-balance loss, then each layer's router z-loss. */
    private double[] routerLosses(RouterSums routing) {
        double[] losses = new double[2 * model.layers()];
        for (int layer = 0; layer < model.layers(); layer++) {
            losses[layer] = routing.loadBalanceLoss(layer);
            losses[model.layers() + layer] = routing.zLoss(layer);
        }
        return losses;
    }

    private void compareGradients(Decoder decoder) {
        for (Parameter parameter : decoder.layout().parameters()) {
            Tensor gradient = decoder.gradients().slice(parameter.name(), parameter.offset(), parameter.shape());
            String key = Quantity.GRADIENT.key() + "." + parameter.name();
            differences.add(Difference.between(
                    backend.memory().readDoubles(gradient), parity.values(key), Quantity.GRADIENT, parameter.name()));
        }
    }

    private void compare(Quantity quantity, double... found) {
        differences.add(Difference.between(found, parity.values(quantity.key()), quantity, quantity.words()));
    }
}

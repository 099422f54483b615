package org.sluice.training.parity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.sluice.model.Parameter;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;
import org.sluice.training.Replica;
import org.sluice.training.StepResult;
import org.sluice.training.TrainingBlock;
import org.sluice.training.TrainingConfig;

/** Some training steps of a replica, against PyTorch's. PyTorch takes a step's blocks at once, the replica in micro-batches that they do not fill. */
final class StepsComparison {
    private static final int MICRO_BATCH = 2;

    private final ParityCase parity;
    private final TrainingConfig config;
    private final Backend backend;
    private final List<Difference> differences = new ArrayList<>();

    private StepsComparison(ParityCase parity, Backend backend) {
        this.parity = parity;
        this.config = config(parity);
        this.backend = backend;
    }

    static List<Difference> of(ParityCase parity, Backend backend) {
        StepsComparison comparison = new StepsComparison(parity, backend);
        comparison.run();
        return comparison.differences;
    }

    private static TrainingConfig config(ParityCase parity) {
        return new TrainingConfig(
                TrainingConfig.ADAMW,
                parity.number("learning_rate"),
                parity.number("final_learning_rate"),
                (long) parity.number("warmup_steps"),
                (long) parity.number("steps"),
                parity.number("beta1"),
                parity.number("beta2"),
                parity.number("epsilon"),
                parity.number("weight_decay"),
                parity.number("clip"),
                parity.number("z_loss"),
                parity.number("load_balance"),
                parity.number("router_z_loss"),
                MICRO_BATCH,
                0);
    }

    private void run() {
        int blockTokens = Math.toIntExact(parity.shape("tokens").dimension(2));
        try (Replica replica = new Replica(parity.model(), config, backend, blockTokens - 1)) {
            replica.initialise();
            backend.memory().writeDoubles(parity.parameters(), replica.decoder().parameters());
            List<StepResult> results = IntStream.range(0, (int) config.steps())
                    .mapToObj(step -> replica.step(step, blocks(step)))
                    .toList();
            compare(Quantity.STEP_LOSSES, results, StepResult::loss);
            compare(Quantity.GRADIENT_NORMS, results, StepResult::gradientNorm);
            compare(Quantity.LEARNING_RATES, results, StepResult::learningRate);
            for (Parameter parameter : replica.decoder().layout().parameters()) {
                compare(parameter, replica.decoder().parameters());
            }
        }
    }

    private List<TrainingBlock> blocks(int step) {
        Shape shape = parity.shape("tokens");
        int count = Math.toIntExact(shape.dimension(1));
        int length = Math.toIntExact(shape.dimension(2));
        int[] tokens = parity.integers("tokens");
        int[] starts = parity.integers("document_starts");
        List<TrainingBlock> blocks = new ArrayList<>();
        for (int number = step * count; number < (step + 1) * count; number++) {
            int first = number * length;
            blocks.add(new TrainingBlock(
                    number,
                    Arrays.copyOfRange(tokens, first, first + length),
                    IntStream.range(0, length)
                            .filter(at -> starts[first + at] == 1)
                            .toArray()));
        }
        return blocks;
    }

    private void compare(Quantity quantity, List<StepResult> results, ToDoubleFunction<StepResult> found) {
        double[] values = results.stream().mapToDouble(found).toArray();
        differences.add(Difference.between(values, parity.values(quantity.key()), quantity, quantity.words()));
    }

    private void compare(Parameter parameter, Tensor parameters) {
        String name = parameter.name();
        Tensor trained = parameters.slice(name, parameter.offset(), parameter.shape());
        double[] found = backend.memory().readDoubles(trained);
        double[] expected = parity.values(Quantity.PARAMETERS.key() + "." + name);
        double[] start = parity.initial(parameter);
        differences.add(Difference.between(found, expected, Quantity.PARAMETERS, name));
        differences.add(Difference.between(change(start, found), change(start, expected), Quantity.CHANGES, name));
    }

    private static double[] change(double[] from, double[] to) {
        double[] change = new double[from.length];
        Arrays.setAll(change, i -> to[i] - from[i]);
        return change;
    }
}

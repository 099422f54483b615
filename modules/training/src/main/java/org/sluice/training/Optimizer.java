package org.sluice.training;

import java.util.ArrayList;
import java.util.List;
import org.sluice.model.ParameterLayout;
import org.sluice.tensor.Arena;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;
import org.sluice.tensor.Optimisation;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * The update of one replica's parameters from their gradients, and its state.
 *
 * <p>Weight decay applies to every matrix, the embedding and the classifier included, and to no norm weight: that is what the layout
 * marks. The layout keeps both kinds apart, so that an update is one call for each.
 */
final class Optimizer {
    private final TrainingConfig config;
    private final Optimisation optimisation;
    private final Memory memory;
    private final List<NamedState> state = new ArrayList<>();
    private final List<Group> groups = new ArrayList<>();

    /** A contiguous part of the flat space under one weight decay; the moments are null for plain gradient descent. */
    private record Group(
            Tensor parameters, Tensor gradients, Tensor firstMoment, Tensor secondMoment, double weightDecay) {}

    Optimizer(
            TrainingConfig config,
            ParameterLayout layout,
            Tensor parameters,
            Tensor gradients,
            Arena arena,
            Optimisation optimisation,
            Memory memory) {
        this.config = config;
        this.optimisation = optimisation;
        this.memory = memory;
        Shape flat = Shape.of(layout.elements());
        for (String name : stateNames(config)) {
            state.add(new NamedState(name, arena.allocate(name, DType.FLOAT32, flat)));
        }
        addGroup("decayed", parameters, gradients, 0, layout.decayedElements(), config.weightDecay());
        addGroup("undecayed", parameters, gradients, layout.decayedElements(), layout.elements(), 0);
    }

    static List<String> stateNames(TrainingConfig config) {
        return config.optimizer().equals(TrainingConfig.ADAMW) ? List.of("first_moment", "second_moment") : List.of();
    }

    private void addGroup(String name, Tensor parameters, Tensor gradients, long from, long to, double weightDecay) {
        if (from == to) {
            return;
        }
        Shape shape = Shape.of(to - from);
        groups.add(new Group(
                parameters.slice(name + ".parameters", from, shape),
                gradients.slice(name + ".gradients", from, shape),
                state.isEmpty() ? null : state.get(0).tensor().slice(name + ".first_moment", from, shape),
                state.isEmpty() ? null : state.get(1).tensor().slice(name + ".second_moment", from, shape),
                weightDecay));
    }

    /** The state, empty for plain gradient descent. */
    List<NamedState> state() {
        return List.copyOf(state);
    }

    /** Sets the state to what it is before the first step. */
    void reset() {
        state.forEach(part -> memory.fill(part.tensor(), 0));
    }

    /**
     * Updates the parameters.
     *
     * @param updates those that the state has seen since it was cleared
     * @param gradientScale what the gradients are multiplied by first
     */
    void update(long updates, double learningRate, double gradientScale) {
        for (Group group : groups) {
            if (config.optimizer().equals(TrainingConfig.SGD)) {
                optimisation.gradientDescent(group.parameters(), group.gradients(), learningRate * gradientScale);
            } else {
                optimisation.adamW(
                        group.parameters(),
                        group.gradients(),
                        group.firstMoment(),
                        group.secondMoment(),
                        new Optimisation.AdamWStep(
                                learningRate,
                                config.beta1(),
                                config.beta2(),
                                config.epsilon(),
                                group.weightDecay(),
                                updates + 1,
                                gradientScale));
            }
        }
    }
}

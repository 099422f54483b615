package org.sluice.training;

import java.util.List;

/**
 * A loss or gradient was not a finite number. It is thrown before the update, so the parameters and the optimizer's state are those
 * of the step before.
 */
public final class NumericsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long step;
    private final List<Long> blocks;
    private final String tensor;

    NumericsException(String what, long step, List<Long> blocks, String tensor, double largest) {
        super(
                what + " at step " + (step + 1) + ", on the blocks " + blocks
                        + ", before any update. The tensor to look at is "
                        + tensor + ", whose largest absolute value is " + largest
                        + ". Usual remedies: a lower learningRate, more warmupSteps, a lower gradientClip; or look at those blocks.");
        this.step = step;
        this.blocks = List.copyOf(blocks);
        this.tensor = tensor;
    }

    /** The step that was not done, counted from 0. */
    public long step() {
        return step;
    }

    /** The numbers of the step's blocks. */
    public List<Long> blocks() {
        return blocks;
    }

    /** The tensor that holds the first number that is not finite or, where all are finite, the one of the largest absolute value. */
    public String tensor() {
        return tensor;
    }
}

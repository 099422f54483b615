package org.sluice.model.interchange;

import java.util.List;
import org.sluice.tensor.Shape;

/**
 * A tensor of a format, and what it is made of.
 *
 * @param name in the file
 * @param pieces what it holds, one behind the other; none for {@link Content#ZEROS}
 */
record ForeignTensor(String name, Shape shape, Content content, List<TensorPiece> pieces) {

    /** How the numbers of the tensor come from those of its pieces. */
    enum Content {
        /** They are the same. */
        WEIGHTS,
        /** They are less by 1: the weights of norms that multiply by {@code 1 + w}. */
        WEIGHTS_LESS_ONE,
        /** There are no pieces: the format has a part that the model does not, and zeros take it out. */
        ZEROS
    }
}

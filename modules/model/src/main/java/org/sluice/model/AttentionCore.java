package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Tensor;

/** What stands between the rotated queries and keys and the values of an attention layer, and its output: who sees whom. */
interface AttentionCore {

    /**
     * @param query {@code [B, T, H, E]}
     * @param key {@code [B, T, K, E]}
     * @param value {@code [B, T, K, E]}
     * @param out {@code [B, T, H, E]}, overwritten
     */
    void forward(Tensor query, Tensor key, Tensor value, Tensor out);

    /**
     * Can be done once after each forward.
     *
     * @param outGradient {@code [B, T, H, E]}
     * @param forward what the forward was given, and wrote
     * @param gradients of the same shapes; of query, key and value, overwritten
     * @throws IllegalStateException if the core was not made for training
     */
    void backward(Tensor outGradient, Values forward, Gradients gradients);

    /** Shows an observer the last forward. */
    default void observe(int layer, Tensor query, Tensor key, ForwardObserver observer) {}

    /** The tensors of a forward. */
    record Values(Tensor query, Tensor key, Tensor value, Tensor out) {}

    /** The gradients of its inputs. */
    record Gradients(Tensor query, Tensor key, Tensor value) {}

    /** Makes the cores of a decoder's layers, and knows the times of the tokens that they see. */
    interface Factory {

        /** The rotary angles of the tokens of a pass. */
        RotaryTables rotary();

        /**
         * The core of a layer.
         *
         * @param own the layer's memory
         * @param gradients memory that layers share on the way back; empty in evaluation
         */
        AttentionCore core(int layer, Allocator own, Optional<Allocator> gradients);
    }
}

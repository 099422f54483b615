package org.sluice.backend.nd4j.cpu;

import java.lang.ref.Reference;
import org.sluice.backend.nd4j.HostView;
import org.sluice.backend.nd4j.Nd4jTensor;
import org.sluice.tensor.Tensor;

/** From the contract's tensors to the memory behind them. Owner and type have been checked. */
final class Host {
    private Host() {}

    static Nd4jTensor tensor(Tensor tensor) {
        return (Nd4jTensor) tensor;
    }

    static HostView view(Tensor tensor) {
        return ((Nd4jTensor) tensor).host();
    }

    /** Keeps tensors, and with them their memory, reachable until here: a native call knows addresses only. */
    @SuppressWarnings("ReachabilityFenceUsage") // What is no longer used after a failure need not be kept.
    static void keep(Tensor first, Tensor second, Tensor third) {
        Reference.reachabilityFence(first);
        Reference.reachabilityFence(second);
        Reference.reachabilityFence(third);
    }

    /** One dimension as a Java index. */
    static int dimension(Tensor tensor, int index) {
        return Math.toIntExact(tensor.shape().dimension(index));
    }

    /** An array of at least that length, with any content. */
    static int[] atLeast(int[] array, int length) {
        return array.length < length ? new int[length] : array;
    }

    /**
     * All elements of an int32 tensor.
     *
     * @param kept the array of the last call, which is used again where it is long enough
     * @return an array that begins with them
     */
    static int[] ints(Tensor tensor, int[] kept) {
        int count = Math.toIntExact(tensor.elements());
        int[] values = atLeast(kept, count);
        view(tensor).get(0, values, 0, count);
        return values;
    }
}

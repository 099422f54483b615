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
    static void keep(Tensor... tensors) {
        Reference.reachabilityFence(tensors);
    }

    /** One dimension as a Java index. */
    static int dimension(Tensor tensor, int index) {
        return Math.toIntExact(tensor.shape().dimension(index));
    }
}

package org.sluice.backend.nd4j;

import org.sluice.tensor.Tensor;
import org.sluice.tensor.TensorOwner;

/** Knows the tensors of one ND4J backend. */
public final class Nd4jTensorOwner implements TensorOwner {
    private final String backend;

    /** @param backend the name that the backend gives to its arenas */
    public Nd4jTensorOwner(String backend) {
        this.backend = backend;
    }

    @Override
    public void require(String operation, String argument, Tensor tensor) {
        if (!(tensor instanceof Nd4jTensor owned) || !owned.arena().backend().equals(backend)) {
            String found = tensor instanceof Nd4jTensor other
                    ? "backend '" + other.arena().backend() + "'"
                    : "another backend (" + tensor.getClass().getName() + ")";
            throw new IllegalArgumentException(operation + ": argument '" + argument + "' (tensor '" + tensor.name()
                    + "') belongs to " + found + ", expected one of backend '" + backend + "'");
        }
        owned.arena().requireOpen(owned.name());
    }

    @Override
    public long address(Tensor tensor) {
        return ((Nd4jTensor) tensor).address();
    }
}

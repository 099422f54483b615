package org.sluice.tensor.contract;

import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** A tensor of no backend, which every backend must refuse by name. */
record ForeignTensor(String name, DType dtype, Shape shape) implements Tensor {

    @Override
    public Tensor reshape(Shape other) {
        return new ForeignTensor(name, dtype, other);
    }

    @Override
    public Tensor slice(String part, long offset, Shape partShape) {
        return new ForeignTensor(part, dtype, partShape);
    }
}

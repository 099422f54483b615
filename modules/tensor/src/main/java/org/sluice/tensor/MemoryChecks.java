package org.sluice.tensor;

/** The argument checks of {@link Memory}; see {@link OperationChecks}. */
public final class MemoryChecks {
    private final OperationChecks operations;

    public MemoryChecks(OperationChecks operations) {
        this.operations = operations;
    }

    /** For {@link Memory#fill}. */
    public void fill(Tensor tensor, double value) {
        OperationCall call = operations.call("fill");
        call.type("tensor", tensor, tensor == null ? null : tensor.dtype());
        if (tensor.dtype() == DType.INT32) {
            call.number("value", value, value == (int) value, "a whole number of 32 bits for '" + tensor.name() + "'");
        }
    }

    /** For {@link Memory#copy}. */
    public void copy(Tensor source, Tensor target) {
        OperationCall call = operations.call("copy");
        call.type("source", source, source == null ? null : source.dtype());
        call.elements("target", target, source.dtype(), source.elements());
        call.apart("target", target, source);
    }

    /** For {@link Memory#copyPart}. */
    public void copyPart(Tensor source, long from, Tensor target, long to, long elements) {
        OperationCall call = operations.call("copyPart");
        call.type("source", source, source == null ? null : source.dtype());
        call.type("target", target, source.dtype());
        call.apart("target", target, source);
        call.number("elements", elements, elements >= 1, "at least 1");
        requireInside("copyPart", source, from, elements);
        requireInside("copyPart", target, to, elements);
    }

    /** For {@link Memory#cast}. */
    public void cast(Tensor source, Tensor target) {
        OperationCall call = operations.transferCall("cast");
        call.floating("source", source);
        call.floating("target", target);
        call.elements("target", target, target.dtype(), source.elements());
        call.apart("target", target, source);
    }

    /** For {@link Memory#addScaled}. */
    public void addScaled(Tensor source, Tensor target) {
        OperationCall call = operations.call("addScaled");
        DType dtype = call.floating("target", target);
        call.elements("source", source, dtype, target.elements());
        call.apart("target", target, source);
    }

    /**
     * For {@link Memory#write} and {@link Memory#read}.
     *
     * @param bytes what the host buffer has remaining
     */
    public void transfer(String operation, Tensor tensor, long offset, long bytes) {
        OperationCall call = operations.call(operation);
        call.type("tensor", tensor, tensor == null ? null : tensor.dtype());
        int size = tensor.dtype().bytes();
        if (bytes % size != 0) {
            throw new IllegalArgumentException(
                    operation + ": the buffer has " + bytes + " bytes remaining, expected whole " + tensor.dtype()
                            + " elements of " + size + " bytes for tensor '" + tensor.name() + "'");
        }
        requireInside(operation, tensor, offset, bytes / size);
    }

    private static void requireInside(String operation, Tensor tensor, long offset, long elements) {
        if (offset < 0 || offset > tensor.elements() - elements) {
            throw new IndexOutOfBoundsException(operation + ": " + elements + " elements from element " + offset
                    + " are not inside tensor '" + tensor.name() + "' of " + tensor.elements() + " elements");
        }
    }

    /** For {@link Memory#writeInts}. */
    public void writeInts(int[] source, Tensor target) {
        operations.call("writeInts").elements("target", target, DType.INT32, source.length);
    }

    /** For {@link Memory#writeDoubles}. */
    public void writeDoubles(double[] source, Tensor target) {
        OperationCall call = operations.transferCall("writeDoubles");
        call.elements("target", target, call.floating("target", target), source.length);
    }

    /** For {@link Memory#readDoubles}. */
    public void readDoubles(Tensor source) {
        OperationCall call = operations.transferCall("readDoubles");
        call.floating("source", source);
        if (source.elements() > Integer.MAX_VALUE - 8) {
            throw call.refusal(
                    "source",
                    source,
                    "has " + source.elements() + " elements",
                    "as many as a Java array holds; use read");
        }
    }

    /** For {@link Memory#scalar}. */
    public void scalar(Tensor source) {
        OperationCall call = operations.transferCall("scalar");
        call.elements("source", source, call.floating("source", source), 1);
    }
}

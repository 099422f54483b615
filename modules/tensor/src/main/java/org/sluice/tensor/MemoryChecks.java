package org.sluice.tensor;

/** The argument checks of {@link Memory}; see {@link OperationChecks}. */
public final class MemoryChecks {
    private final OperationArguments fill;
    private final OperationArguments copy;
    private final OperationArguments copyPart;
    private final OperationArguments cast;
    private final OperationArguments addScaled;
    private final OperationArguments write;
    private final OperationArguments read;
    private final OperationArguments writeInts;
    private final OperationArguments writeDoubles;
    private final OperationArguments readDoubles;
    private final OperationArguments scalar;

    public MemoryChecks(OperationChecks operations) {
        fill = operations.arguments("fill");
        copy = operations.arguments("copy");
        copyPart = operations.arguments("copyPart");
        cast = operations.transferArguments("cast");
        addScaled = operations.arguments("addScaled");
        write = operations.arguments("write");
        read = operations.arguments("read");
        writeInts = operations.arguments("writeInts");
        writeDoubles = operations.transferArguments("writeDoubles");
        readDoubles = operations.transferArguments("readDoubles");
        scalar = operations.transferArguments("scalar");
    }

    /** For {@link Memory#fill}. */
    public void fill(Tensor tensor, double value) {
        fill.type("tensor", tensor, tensor == null ? null : tensor.dtype());
        if (tensor.dtype() == DType.INT32 && value != (int) value) {
            throw fill.refusal("value", value, "a whole number of 32 bits for '" + tensor.name() + "'");
        }
    }

    /** For {@link Memory#copy}. */
    public void copy(Tensor source, Tensor target) {
        copy.type("source", source, source == null ? null : source.dtype());
        copy.elements("target", target, source.dtype(), source.elements());
        copy.apart("target", target, source);
    }

    /** For {@link Memory#copyPart}. */
    public void copyPart(Tensor source, long from, Tensor target, long to, long elements) {
        copyPart.type("source", source, source == null ? null : source.dtype());
        copyPart.type("target", target, source.dtype());
        copyPart.apart("target", target, source);
        copyPart.number("elements", elements, elements >= 1, "at least 1");
        requireInside("copyPart", source, from, elements);
        requireInside("copyPart", target, to, elements);
    }

    /** For {@link Memory#cast}. */
    public void cast(Tensor source, Tensor target) {
        cast.floating("source", source);
        cast.floating("target", target);
        cast.elements("target", target, target.dtype(), source.elements());
        cast.apart("target", target, source);
    }

    /** For {@link Memory#addScaled}. */
    public void addScaled(Tensor source, Tensor target) {
        DType dtype = addScaled.floating("target", target);
        addScaled.elements("source", source, dtype, target.elements());
        addScaled.apart("target", target, source);
    }

    /**
     * For {@link Memory#write}.
     *
     * @param bytes what the host buffer has remaining
     */
    public void write(Tensor tensor, long offset, long bytes) {
        transfer(write, "write", tensor, offset, bytes);
    }

    /**
     * For {@link Memory#read}.
     *
     * @param bytes what the host buffer has remaining
     */
    public void read(Tensor tensor, long offset, long bytes) {
        transfer(read, "read", tensor, offset, bytes);
    }

    private static void transfer(
            OperationArguments arguments, String operation, Tensor tensor, long offset, long bytes) {
        arguments.type("tensor", tensor, tensor == null ? null : tensor.dtype());
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
        writeInts.elements("target", target, DType.INT32, source.length);
    }

    /** For {@link Memory#writeDoubles}. */
    public void writeDoubles(double[] source, Tensor target) {
        writeDoubles.elements("target", target, writeDoubles.floating("target", target), source.length);
    }

    /** For {@link Memory#readDoubles}. */
    public void readDoubles(Tensor source) {
        readDoubles.floating("source", source);
        if (source.elements() > Integer.MAX_VALUE - 8) {
            throw readDoubles.refusal(
                    "source",
                    source,
                    "has " + source.elements() + " elements",
                    "as many as a Java array holds; use read");
        }
    }

    /** For {@link Memory#scalar}. */
    public void scalar(Tensor source) {
        scalar.elements("source", source, scalar.floating("source", source), 1);
    }
}

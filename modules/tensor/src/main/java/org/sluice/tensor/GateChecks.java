package org.sluice.tensor;

/** The argument checks of {@link Gates}; see {@link OperationChecks}. */
public final class GateChecks {
    private final OperationChecks operations;

    public GateChecks(OperationChecks operations) {
        this.operations = operations;
    }

    /** For {@link Gates#gate}. */
    public void gate(GateFunction function, Tensor x, Tensor logits, Tensor out) {
        OperationCall call = operations.call("gate");
        gated(call, function, x, logits);
        call.same(x, "out", out);
        call.apartOrSame("out", out, x);
        call.apart("out", out, logits);
    }

    /** For {@link Gates#gateBackward}. */
    public void gateBackward(
            GateFunction function,
            Tensor outGradient,
            Tensor x,
            Tensor logits,
            Tensor xGradient,
            Tensor logitsGradient) {
        OperationCall call = operations.call("gateBackward");
        gated(call, function, x, logits);
        call.same(x, "outGradient", outGradient);
        call.same(x, "xGradient", xGradient);
        call.same(logits, "logitsGradient", logitsGradient);
        call.apartOrSame("xGradient", xGradient, outGradient);
        call.apart("xGradient", xGradient, x, logits, logitsGradient);
        call.apartOrSame("logitsGradient", logitsGradient, logits);
        call.apart("logitsGradient", logitsGradient, outGradient, x);
    }

    private static void gated(OperationCall call, GateFunction function, Tensor x, Tensor logits) {
        DType dtype = call.floating("x", x);
        call.rank("x", x, 4, "[B, T, H, E]");
        call.type("logits", logits, dtype);
        Shape shape = x.shape();
        Shape headwise = Shape.of(shape.dimension(0), shape.dimension(1), shape.dimension(2));
        if (function.headShared() && !logits.shape().equals(shape)) {
            throw call.refusal(
                    "logits",
                    logits,
                    "has shape " + logits.shape(),
                    shape + ", since heads share elementwise scores only");
        }
        if (!logits.shape().equals(shape) && !logits.shape().equals(headwise)) {
            throw call.refusal(
                    "logits",
                    logits,
                    "has shape " + logits.shape(),
                    shape + " (elementwise) or " + headwise + " (headwise)");
        }
    }

    /** For {@link Gates#switchHeads}. */
    public void switchHeads(Tensor x, Tensor logits, int chosenPerHead, Tensor out) {
        OperationCall call = operations.call("switchHeads");
        switched(call, x, logits, chosenPerHead, "out", out);
        call.apart("out", out, x, logits);
    }

    /** For {@link Gates#switchHeadsBackward}. */
    public void switchHeadsBackward(
            Tensor outGradient, Tensor x, Tensor logits, int chosenPerHead, Tensor xGradient, Tensor logitsGradient) {
        OperationCall call = operations.call("switchHeadsBackward");
        switched(call, x, logits, chosenPerHead, "outGradient", outGradient);
        call.same(x, "xGradient", xGradient);
        call.same(logits, "logitsGradient", logitsGradient);
        call.apart("xGradient", xGradient, outGradient, x, logits, logitsGradient);
        call.apart("logitsGradient", logitsGradient, outGradient, x, logits);
    }

    private static void switched(
            OperationCall call, Tensor x, Tensor logits, int chosenPerHead, String argument, Tensor out) {
        DType dtype = call.floating("x", x);
        call.rank("x", x, 4, "[B, T, H * X, E]");
        Shape shape = x.shape();
        long experts = shape.dimension(2);
        call.tensor("logits", logits, dtype, shape.dimension(0), shape.dimension(1), experts);
        call.type(argument, out, dtype);
        call.rank(argument, out, 4, "[B, T, H, E]");
        long heads = out.shape().dimension(2);
        call.tensor(argument, out, dtype, shape.dimension(0), shape.dimension(1), heads, shape.dimension(3));
        if (experts % heads != 0) {
            throw call.refusal(
                    argument, out, "has " + heads + " heads", "a divisor of the " + experts + " experts of 'x'");
        }
        boolean good = chosenPerHead >= 1 && chosenPerHead <= experts / heads;
        call.number("chosenPerHead", chosenPerHead, good, "one of 1.." + experts / heads + ", the experts of a head");
    }

    /** For {@link Gates#swiGlu}. */
    public void swiGlu(Tensor gate, Tensor up, Tensor out) {
        OperationCall call = operations.call("swiGlu");
        call.floating("gate", gate);
        call.rank("gate", gate, 2, "[N, F]");
        call.same(gate, "up", up);
        call.same(gate, "out", out);
        call.apart("out", out, gate, up);
    }

    /** For {@link Gates#swiGluBackward}. */
    public void swiGluBackward(Tensor outGradient, Tensor gate, Tensor up, Tensor gateGradient, Tensor upGradient) {
        OperationCall call = operations.call("swiGluBackward");
        call.floating("gate", gate);
        call.rank("gate", gate, 2, "[N, F]");
        call.same(gate, "up", up);
        call.same(gate, "outGradient", outGradient);
        call.same(gate, "gateGradient", gateGradient);
        call.same(gate, "upGradient", upGradient);
        call.apartOrSame("gateGradient", gateGradient, gate);
        call.apart("gateGradient", gateGradient, outGradient, up, upGradient);
        call.apartOrSame("upGradient", upGradient, up);
        call.apart("upGradient", upGradient, outGradient, gate);
    }
}

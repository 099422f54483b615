package org.sluice.tensor;

/** The argument checks of {@link Gates}; see {@link OperationChecks}. */
public final class GateChecks {
    private final OperationArguments gate;
    private final OperationArguments gateBackward;
    private final OperationArguments switchHeads;
    private final OperationArguments switchHeadsBackward;
    private final OperationArguments swiGlu;
    private final OperationArguments swiGluBackward;

    public GateChecks(OperationChecks operations) {
        gate = operations.arguments("gate");
        gateBackward = operations.arguments("gateBackward");
        switchHeads = operations.arguments("switchHeads");
        switchHeadsBackward = operations.arguments("switchHeadsBackward");
        swiGlu = operations.arguments("swiGlu");
        swiGluBackward = operations.arguments("swiGluBackward");
    }

    /** For {@link Gates#gate}. */
    public void gate(GateFunction function, Tensor x, Tensor logits, Tensor out) {
        gated(gate, function, x, logits);
        gate.same(x, "out", out);
        gate.apartOrSame("out", out, x);
        gate.apart("out", out, logits);
    }

    /** For {@link Gates#gateBackward}. */
    public void gateBackward(
            GateFunction function,
            Tensor outGradient,
            Tensor x,
            Tensor logits,
            Tensor xGradient,
            Tensor logitsGradient) {
        gated(gateBackward, function, x, logits);
        gateBackward.same(x, "outGradient", outGradient);
        gateBackward.same(x, "xGradient", xGradient);
        gateBackward.same(logits, "logitsGradient", logitsGradient);
        gateBackward.apartOrSame("xGradient", xGradient, outGradient);
        gateBackward.apart("xGradient", xGradient, x, logits, logitsGradient);
        gateBackward.apartOrSame("logitsGradient", logitsGradient, logits);
        gateBackward.apart("logitsGradient", logitsGradient, outGradient, x);
    }

    private static void gated(OperationArguments arguments, GateFunction function, Tensor x, Tensor logits) {
        DType dtype = arguments.floating("x", x);
        arguments.rank("x", x, 4, "[B, T, H, E]");
        arguments.type("logits", logits, dtype);
        Shape shape = x.shape();
        boolean headwise =
                OperationArguments.hasShape(logits, shape.dimension(0), shape.dimension(1), shape.dimension(2));
        if (function.headShared() && !logits.shape().equals(shape)) {
            throw arguments.refusal(
                    "logits",
                    logits,
                    "has shape " + logits.shape(),
                    shape + ", since heads share elementwise scores only");
        }
        if (!logits.shape().equals(shape) && !headwise) {
            throw arguments.refusal(
                    "logits",
                    logits,
                    "has shape " + logits.shape(),
                    shape + " (elementwise) or " + Shape.of(shape.dimension(0), shape.dimension(1), shape.dimension(2))
                            + " (headwise)");
        }
    }

    /** For {@link Gates#switchHeads}. */
    public void switchHeads(Tensor x, Tensor logits, int chosenPerHead, Tensor out) {
        switched(switchHeads, x, logits, chosenPerHead, "out", out);
        switchHeads.apart("out", out, x, logits);
    }

    /** For {@link Gates#switchHeadsBackward}. */
    public void switchHeadsBackward(
            Tensor outGradient, Tensor x, Tensor logits, int chosenPerHead, Tensor xGradient, Tensor logitsGradient) {
        switched(switchHeadsBackward, x, logits, chosenPerHead, "outGradient", outGradient);
        switchHeadsBackward.same(x, "xGradient", xGradient);
        switchHeadsBackward.same(logits, "logitsGradient", logitsGradient);
        switchHeadsBackward.apart("xGradient", xGradient, outGradient, x, logits, logitsGradient);
        switchHeadsBackward.apart("logitsGradient", logitsGradient, outGradient, x, logits);
    }

    private static void switched(
            OperationArguments arguments, Tensor x, Tensor logits, int chosenPerHead, String argument, Tensor out) {
        DType dtype = arguments.floating("x", x);
        arguments.rank("x", x, 4, "[B, T, H * X, E]");
        Shape shape = x.shape();
        long experts = shape.dimension(2);
        arguments.tensor("logits", logits, dtype, shape.dimension(0), shape.dimension(1), experts);
        arguments.type(argument, out, dtype);
        arguments.rank(argument, out, 4, "[B, T, H, E]");
        long heads = out.shape().dimension(2);
        arguments.tensor(argument, out, dtype, shape.dimension(0), shape.dimension(1), heads, shape.dimension(3));
        if (experts % heads != 0) {
            throw arguments.refusal(
                    argument, out, "has " + heads + " heads", "a divisor of the " + experts + " experts of 'x'");
        }
        if (chosenPerHead < 1 || chosenPerHead > experts / heads) {
            throw arguments.refusal(
                    "chosenPerHead", chosenPerHead, "one of 1.." + experts / heads + ", the experts of a head");
        }
    }

    /** For {@link Gates#swiGlu}. */
    public void swiGlu(Tensor gate, Tensor up, Tensor out) {
        swiGlu.floating("gate", gate);
        swiGlu.rank("gate", gate, 2, "[N, F]");
        swiGlu.same(gate, "up", up);
        swiGlu.same(gate, "out", out);
        swiGlu.apart("out", out, gate, up);
    }

    /** For {@link Gates#swiGluBackward}. */
    public void swiGluBackward(Tensor outGradient, Tensor gate, Tensor up, Tensor gateGradient, Tensor upGradient) {
        swiGluBackward.floating("gate", gate);
        swiGluBackward.rank("gate", gate, 2, "[N, F]");
        swiGluBackward.same(gate, "up", up);
        swiGluBackward.same(gate, "outGradient", outGradient);
        swiGluBackward.same(gate, "gateGradient", gateGradient);
        swiGluBackward.same(gate, "upGradient", upGradient);
        swiGluBackward.apartOrSame("gateGradient", gateGradient, gate);
        swiGluBackward.apart("gateGradient", gateGradient, outGradient, up, upGradient);
        swiGluBackward.apartOrSame("upGradient", upGradient, up);
        swiGluBackward.apart("upGradient", upGradient, outGradient, gate);
    }
}

package org.sluice.tensor;

/** The argument checks of {@link Normalisation}; see {@link OperationChecks}. */
public final class NormalisationChecks {
    private final OperationChecks operations;

    public NormalisationChecks(OperationChecks operations) {
        this.operations = operations;
    }

    /** For {@link Normalisation#rmsNorm}. */
    public void rmsNorm(Tensor x, Tensor weight, double epsilon, Tensor out, Tensor inverseRms) {
        OperationCall call = operations.call("rmsNorm");
        normalised(call, "x", x, weight, epsilon, out, inverseRms);
        call.apart("out", out, x, weight, inverseRms);
        call.apart("inverseRms", inverseRms, x, weight);
    }

    /** For {@link Normalisation#addRmsNorm}. */
    public void addRmsNorm(
            Tensor residual, Tensor branch, Tensor weight, double epsilon, Tensor sum, Tensor out, Tensor inverseRms) {
        OperationCall call = operations.call("addRmsNorm");
        normalised(call, "residual", residual, weight, epsilon, out, inverseRms);
        call.same(residual, "branch", branch);
        call.same(residual, "sum", sum);
        call.apartOrSame("sum", sum, residual);
        call.apart("sum", sum, branch, weight, inverseRms);
        call.apart("out", out, residual, branch, weight, sum, inverseRms);
        call.apart("inverseRms", inverseRms, residual, branch, weight);
    }

    private static void normalised(
            OperationCall call,
            String argument,
            Tensor x,
            Tensor weight,
            double epsilon,
            Tensor out,
            Tensor inverseRms) {
        DType dtype = call.floating(argument, x);
        call.rank(argument, x, 2, "[N, D]");
        call.tensor("weight", weight, dtype, x.shape().dimension(1));
        call.epsilon(epsilon);
        call.same(x, "out", out);
        call.tensor("inverseRms", inverseRms, dtype, x.shape().dimension(0));
    }

    /** For {@link Normalisation#rmsNormBackward}. */
    public void rmsNormBackward(
            Tensor outGradient, Tensor x, Tensor weight, Tensor inverseRms, Tensor xGradient, Tensor weightGradient) {
        OperationCall call = operations.call("rmsNormBackward");
        DType dtype = call.floating("x", x);
        call.rank("x", x, 2, "[N, D]");
        call.same(x, "outGradient", outGradient);
        call.tensor("weight", weight, dtype, x.shape().dimension(1));
        call.tensor("inverseRms", inverseRms, dtype, x.shape().dimension(0));
        call.same(x, "xGradient", xGradient);
        call.same(weight, "weightGradient", weightGradient);
        call.apart("xGradient", xGradient, outGradient, x, weight, inverseRms, weightGradient);
        call.apart("weightGradient", weightGradient, outGradient, x, weight, inverseRms);
    }

    /** For {@link Normalisation#headNormRotary}. */
    public void headNormRotary(
            Tensor x, Tensor weight, double epsilon, Tensor cosine, Tensor sine, Tensor out, Tensor inverseRms) {
        OperationCall call = operations.call("headNormRotary");
        rotary(call, x, weight, cosine, sine, inverseRms);
        call.epsilon(epsilon);
        call.same(x, "out", out);
        call.apart("out", out, x, weight, cosine, sine, inverseRms);
        call.apart("inverseRms", inverseRms, x, weight, cosine, sine);
    }

    /** For {@link Normalisation#headNormRotaryBackward}. */
    public void headNormRotaryBackward(
            Tensor outGradient,
            Tensor x,
            Tensor weight,
            Tensor cosine,
            Tensor sine,
            Tensor inverseRms,
            Tensor xGradient,
            Tensor weightGradient) {
        OperationCall call = operations.call("headNormRotaryBackward");
        rotary(call, x, weight, cosine, sine, inverseRms);
        call.same(x, "outGradient", outGradient);
        call.same(x, "xGradient", xGradient);
        call.same(weight, "weightGradient", weightGradient);
        call.apartOrSame("xGradient", xGradient, outGradient);
        call.apart("xGradient", xGradient, x, weight, cosine, sine, inverseRms, weightGradient);
        call.apart("weightGradient", weightGradient, outGradient, x, weight, cosine, sine, inverseRms);
    }

    private static void rotary(
            OperationCall call, Tensor x, Tensor weight, Tensor cosine, Tensor sine, Tensor inverseRms) {
        DType dtype = call.floating("x", x);
        call.rank("x", x, 4, "[B, T, H, E]");
        Shape shape = x.shape();
        long headDim = shape.dimension(3);
        if (headDim % 2 != 0) {
            throw call.refusal("x", x, "has shape " + shape, "an even head dimension, since rotation pairs its halves");
        }
        call.tensor("weight", weight, dtype, headDim);
        call.tensor("cosine", cosine, dtype, shape.dimension(1), headDim / 2);
        call.tensor("sine", sine, dtype, shape.dimension(1), headDim / 2);
        call.tensor("inverseRms", inverseRms, dtype, shape.dimension(0), shape.dimension(1), shape.dimension(2));
    }

    /** For {@link Normalisation#clip}. */
    public void clip(Tensor x, double bound) {
        OperationCall call = operations.call("clip");
        call.floating("x", x);
        bound(call, bound);
    }

    /** For {@link Normalisation#clipBackward}. */
    public void clipBackward(Tensor x, double bound, Tensor gradient) {
        OperationCall call = operations.call("clipBackward");
        call.floating("x", x);
        bound(call, bound);
        call.same(x, "gradient", gradient);
        call.apart("gradient", gradient, x);
    }

    private static void bound(OperationCall call, double bound) {
        call.number("bound", bound, bound > 0, "a number above 0");
    }
}

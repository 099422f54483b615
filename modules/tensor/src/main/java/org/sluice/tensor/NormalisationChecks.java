package org.sluice.tensor;

/** The argument checks of {@link Normalisation}; see {@link OperationChecks}. */
public final class NormalisationChecks {
    private final OperationArguments rmsNorm;
    private final OperationArguments addRmsNorm;
    private final OperationArguments rmsNormBackward;
    private final OperationArguments headNormRotary;
    private final OperationArguments headNormRotaryBackward;
    private final OperationArguments clip;
    private final OperationArguments clipBackward;

    public NormalisationChecks(OperationChecks operations) {
        rmsNorm = operations.arguments("rmsNorm");
        addRmsNorm = operations.arguments("addRmsNorm");
        rmsNormBackward = operations.arguments("rmsNormBackward");
        headNormRotary = operations.arguments("headNormRotary");
        headNormRotaryBackward = operations.arguments("headNormRotaryBackward");
        clip = operations.arguments("clip");
        clipBackward = operations.arguments("clipBackward");
    }

    /** For {@link Normalisation#rmsNorm}. */
    public void rmsNorm(Tensor x, Tensor weight, double epsilon, Tensor out, Tensor inverseRms) {
        normalised(rmsNorm, "x", x, weight, epsilon, out, inverseRms);
        rmsNorm.apart("out", out, x, weight, inverseRms);
        rmsNorm.apart("inverseRms", inverseRms, x, weight);
    }

    /** For {@link Normalisation#addRmsNorm}. */
    public void addRmsNorm(
            Tensor residual, Tensor branch, Tensor weight, double epsilon, Tensor sum, Tensor out, Tensor inverseRms) {
        normalised(addRmsNorm, "residual", residual, weight, epsilon, out, inverseRms);
        addRmsNorm.same(residual, "branch", branch);
        addRmsNorm.same(residual, "sum", sum);
        addRmsNorm.apartOrSame("sum", sum, residual);
        addRmsNorm.apart("sum", sum, branch, weight, inverseRms);
        addRmsNorm.apart("out", out, residual, branch, weight);
        addRmsNorm.apart("out", out, sum, inverseRms);
        addRmsNorm.apart("inverseRms", inverseRms, residual, branch, weight);
    }

    private static void normalised(
            OperationArguments arguments,
            String argument,
            Tensor x,
            Tensor weight,
            double epsilon,
            Tensor out,
            Tensor inverseRms) {
        DType dtype = arguments.floating(argument, x);
        arguments.rank(argument, x, 2, "[N, D]");
        arguments.tensor("weight", weight, dtype, x.shape().dimension(1));
        arguments.epsilon(epsilon);
        arguments.same(x, "out", out);
        arguments.tensor("inverseRms", inverseRms, dtype, x.shape().dimension(0));
    }

    /** For {@link Normalisation#rmsNormBackward}. */
    public void rmsNormBackward(
            Tensor outGradient, Tensor x, Tensor weight, Tensor inverseRms, Tensor xGradient, Tensor weightGradient) {
        DType dtype = rmsNormBackward.floating("x", x);
        rmsNormBackward.rank("x", x, 2, "[N, D]");
        rmsNormBackward.same(x, "outGradient", outGradient);
        rmsNormBackward.tensor("weight", weight, dtype, x.shape().dimension(1));
        rmsNormBackward.tensor("inverseRms", inverseRms, dtype, x.shape().dimension(0));
        rmsNormBackward.same(x, "xGradient", xGradient);
        rmsNormBackward.same(weight, "weightGradient", weightGradient);
        rmsNormBackward.apart("xGradient", xGradient, outGradient, x, weight);
        rmsNormBackward.apart("xGradient", xGradient, inverseRms, weightGradient);
        rmsNormBackward.apart("weightGradient", weightGradient, outGradient, x, weight, inverseRms);
    }

    /** For {@link Normalisation#headNormRotary}. */
    public void headNormRotary(
            Tensor x, Tensor weight, double epsilon, Tensor cosine, Tensor sine, Tensor out, Tensor inverseRms) {
        rotary(headNormRotary, x, weight, cosine, sine, inverseRms);
        headNormRotary.epsilon(epsilon);
        headNormRotary.same(x, "out", out);
        headNormRotary.apart("out", out, x, weight, cosine);
        headNormRotary.apart("out", out, sine, inverseRms);
        headNormRotary.apart("inverseRms", inverseRms, x, weight, cosine, sine);
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
        rotary(headNormRotaryBackward, x, weight, cosine, sine, inverseRms);
        headNormRotaryBackward.same(x, "outGradient", outGradient);
        headNormRotaryBackward.same(x, "xGradient", xGradient);
        headNormRotaryBackward.same(weight, "weightGradient", weightGradient);
        headNormRotaryBackward.apartOrSame("xGradient", xGradient, outGradient);
        headNormRotaryBackward.apart("xGradient", xGradient, x, weight, cosine);
        headNormRotaryBackward.apart("xGradient", xGradient, sine, inverseRms, weightGradient);
        headNormRotaryBackward.apart("weightGradient", weightGradient, outGradient, x, weight);
        headNormRotaryBackward.apart("weightGradient", weightGradient, cosine, sine, inverseRms);
    }

    private static void rotary(
            OperationArguments arguments, Tensor x, Tensor weight, Tensor cosine, Tensor sine, Tensor inverseRms) {
        DType dtype = arguments.floating("x", x);
        arguments.rank("x", x, 4, "[B, T, H, E]");
        Shape shape = x.shape();
        long headDim = shape.dimension(3);
        if (headDim % 2 != 0) {
            throw arguments.refusal(
                    "x", x, "has shape " + shape, "an even head dimension, since rotation pairs its halves");
        }
        arguments.tensor("weight", weight, dtype, headDim);
        arguments.tensor("cosine", cosine, dtype, shape.dimension(1), headDim / 2);
        arguments.tensor("sine", sine, dtype, shape.dimension(1), headDim / 2);
        arguments.tensor("inverseRms", inverseRms, dtype, shape.dimension(0), shape.dimension(1), shape.dimension(2));
    }

    /** For {@link Normalisation#clip}. */
    public void clip(Tensor x, double bound) {
        clip.floating("x", x);
        bound(clip, bound);
    }

    /** For {@link Normalisation#clipBackward}. */
    public void clipBackward(Tensor x, double bound, Tensor gradient) {
        clipBackward.floating("x", x);
        bound(clipBackward, bound);
        clipBackward.same(x, "gradient", gradient);
        clipBackward.apart("gradient", gradient, x);
    }

    private static void bound(OperationArguments arguments, double bound) {
        arguments.number("bound", bound, bound > 0, "a number above 0");
    }
}

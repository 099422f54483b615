package org.sluice.tensor;

import java.util.function.Predicate;
import org.sluice.tensor.Optimisation.AdamWStep;

/**
 * The argument checks that all backends share: a method for each operation, to be called before anything is written.
 *
 * <p>Each throws {@link IllegalArgumentException} for a tensor of the wrong shape, type or backend and for an output that overlaps
 * memory that it may not, and {@link IllegalStateException} for a tensor of a closed arena. The values inside tensors are looked at
 * where an operation reads them: see the static methods.
 */
public final class OperationChecks {
    private final TensorOwner owner;
    private final Predicate<DType> supported;

    /**
     * @param owner the backend's knowledge of its tensors
     * @param supported the floating-point types that the backend computes in
     */
    public OperationChecks(TensorOwner owner, Predicate<DType> supported) {
        this.owner = owner;
        this.supported = supported;
    }

    /** For {@link LinearAlgebra#matmul}. */
    public void matmul(Tensor left, boolean transposeLeft, Tensor right, boolean transposeRight, Tensor out) {
        OperationCall call = call("matmul");
        DType dtype = call.floating("out", out);
        call.rank("out", out, 2, "[M, P]");
        call.type("left", left, dtype);
        call.rank("left", left, 2, transposeLeft ? "[L, M]" : "[M, L]");
        long rows = out.shape().dimension(0);
        long columns = out.shape().dimension(1);
        long inner = left.shape().dimension(transposeLeft ? 0 : 1);
        call.tensor("left", left, dtype, transposeLeft ? new long[] {inner, rows} : new long[] {rows, inner});
        call.tensor("right", right, dtype, transposeRight ? new long[] {columns, inner} : new long[] {inner, columns});
        call.apart("out", out, left, right);
    }

    /** For {@link LinearAlgebra#embed}. */
    public void embed(Tensor table, Tensor tokens, Tensor out) {
        embedding(call("embed"), "table", table, tokens, "out", out);
        call("embed").apart("out", out, table, tokens);
    }

    /** For {@link LinearAlgebra#embedBackward}. */
    public void embedBackward(Tensor outGradient, Tensor tokens, Tensor tableGradient) {
        embedding(call("embedBackward"), "tableGradient", tableGradient, tokens, "outGradient", outGradient);
        call("embedBackward").apart("tableGradient", tableGradient, outGradient, tokens);
    }

    private static void embedding(
            OperationCall call, String tableArgument, Tensor table, Tensor tokens, String rowsArgument, Tensor rows) {
        DType dtype = call.floating(tableArgument, table);
        call.rank(tableArgument, table, 2, "[V, D]");
        call.type("tokens", tokens, DType.INT32);
        call.rank("tokens", tokens, 1, "[N]");
        call.tensor(rowsArgument, rows, dtype, tokens.elements(), table.shape().dimension(1));
    }

    /** For {@link Normalisation#rmsNorm}. */
    public void rmsNorm(Tensor x, Tensor weight, double epsilon, Tensor out, Tensor inverseRms) {
        OperationCall call = call("rmsNorm");
        normalised(call, "x", x, weight, epsilon, out, inverseRms);
        call.apart("out", out, x, weight, inverseRms);
        call.apart("inverseRms", inverseRms, x, weight);
    }

    /** For {@link Normalisation#addRmsNorm}. */
    public void addRmsNorm(
            Tensor residual, Tensor branch, Tensor weight, double epsilon, Tensor sum, Tensor out, Tensor inverseRms) {
        OperationCall call = call("addRmsNorm");
        normalised(call, "residual", residual, weight, epsilon, out, inverseRms);
        same(call, residual, "branch", branch);
        same(call, residual, "sum", sum);
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
        epsilon(call, epsilon);
        same(call, x, "out", out);
        call.tensor("inverseRms", inverseRms, dtype, x.shape().dimension(0));
    }

    /** For {@link Normalisation#rmsNormBackward}. */
    public void rmsNormBackward(
            Tensor outGradient, Tensor x, Tensor weight, Tensor inverseRms, Tensor xGradient, Tensor weightGradient) {
        OperationCall call = call("rmsNormBackward");
        DType dtype = call.floating("x", x);
        call.rank("x", x, 2, "[N, D]");
        same(call, x, "outGradient", outGradient);
        call.tensor("weight", weight, dtype, x.shape().dimension(1));
        call.tensor("inverseRms", inverseRms, dtype, x.shape().dimension(0));
        same(call, x, "xGradient", xGradient);
        same(call, weight, "weightGradient", weightGradient);
        call.apart("xGradient", xGradient, outGradient, x, weight, inverseRms, weightGradient);
        call.apart("weightGradient", weightGradient, outGradient, x, weight, inverseRms);
    }

    /** For {@link Normalisation#headNormRotary}. */
    public void headNormRotary(
            Tensor x, Tensor weight, double epsilon, Tensor cosine, Tensor sine, Tensor out, Tensor inverseRms) {
        OperationCall call = call("headNormRotary");
        rotary(call, x, weight, cosine, sine, inverseRms);
        epsilon(call, epsilon);
        same(call, x, "out", out);
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
        OperationCall call = call("headNormRotaryBackward");
        rotary(call, x, weight, cosine, sine, inverseRms);
        same(call, x, "outGradient", outGradient);
        same(call, x, "xGradient", xGradient);
        same(call, weight, "weightGradient", weightGradient);
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

    /** For {@link Attention#forward}. */
    public void attentionForward(
            Tensor query, Tensor key, Tensor value, Tensor firstVisible, double scale, Tensor out, Tensor logSumExp) {
        OperationCall call = call("attention forward");
        attended(call, query, key, firstVisible, scale, logSumExp);
        same(call, key, "value", value);
        same(call, query, "out", out);
        call.apart("out", out, query, key, value, firstVisible, logSumExp);
        call.apart("logSumExp", logSumExp, query, key, value, firstVisible);
    }

    /** For {@link Attention#outputDot}. */
    public void attentionOutputDot(Tensor outGradient, Tensor out, Tensor delta) {
        OperationCall call = call("attention outputDot");
        DType dtype = call.floating("out", out);
        call.rank("out", out, 4, "[B, T, H, E]");
        same(call, out, "outGradient", outGradient);
        perHeadAndTime(call, "delta", delta, out, dtype);
        call.apart("delta", delta, out, outGradient);
    }

    /** For {@link Attention#backward}. */
    public void attentionBackward(
            Tensor outGradient,
            Tensor delta,
            Tensor query,
            Tensor key,
            Tensor value,
            Tensor firstVisible,
            double scale,
            Tensor logSumExp,
            Tensor queryGradient,
            Tensor keyGradient,
            Tensor valueGradient) {
        OperationCall call = call("attention backward");
        attended(call, query, key, firstVisible, scale, logSumExp);
        same(call, key, "value", value);
        same(call, query, "outGradient", outGradient);
        perHeadAndTime(call, "delta", delta, query, query.dtype());
        same(call, query, "queryGradient", queryGradient);
        same(call, key, "keyGradient", keyGradient);
        same(call, key, "valueGradient", valueGradient);
        Tensor[] read = {outGradient, delta, query, key, value, firstVisible, logSumExp};
        call.apart("queryGradient", queryGradient, read);
        call.apart("queryGradient", queryGradient, keyGradient, valueGradient);
        call.apart("keyGradient", keyGradient, read);
        call.apart("keyGradient", keyGradient, valueGradient);
        call.apart("valueGradient", valueGradient, read);
    }

    /** For {@link Attention#firstTokenProbability}. */
    public void firstTokenProbability(
            Tensor query, Tensor key, Tensor firstVisible, double scale, Tensor logSumExp, Tensor out) {
        OperationCall call = call("attention firstTokenProbability");
        attended(call, query, key, firstVisible, scale, logSumExp);
        call.tensor("out", out, DType.FLOAT64, query.shape().dimension(2));
        call.apart("out", out, query, key, firstVisible, logSumExp);
    }

    private static void attended(
            OperationCall call, Tensor query, Tensor key, Tensor firstVisible, double scale, Tensor logSumExp) {
        DType dtype = call.floating("query", query);
        call.rank("query", query, 4, "[B, T, H, E]");
        call.type("key", key, dtype);
        call.rank("key", key, 4, "[B, T, K, E]");
        Shape shape = query.shape();
        long kvHeads = key.shape().dimension(2);
        call.tensor("key", key, dtype, shape.dimension(0), shape.dimension(1), kvHeads, shape.dimension(3));
        if (shape.dimension(2) % kvHeads != 0) {
            throw call.refusal(
                    "key",
                    key,
                    "has " + kvHeads + " key/value heads",
                    "a divisor of the " + shape.dimension(2) + " query heads");
        }
        call.tensor("firstVisible", firstVisible, DType.INT32, shape.dimension(0), shape.dimension(1));
        call.number("scale", scale, Double.isFinite(scale), "a finite number");
        perHeadAndTime(call, "logSumExp", logSumExp, query, dtype);
    }

    /** For {@link Gates#sigmoidGate}. */
    public void sigmoidGate(Tensor x, Tensor logits, Tensor out) {
        OperationCall call = call("sigmoidGate");
        gated(call, x, "x", logits, "logits");
        same(call, x, "out", out);
        call.apartOrSame("out", out, x);
        call.apart("out", out, logits);
    }

    /** For {@link Gates#sigmoidGateBackward}. */
    public void sigmoidGateBackward(
            Tensor outGradient, Tensor out, Tensor logits, Tensor xGradient, Tensor logitsGradient, Tensor delta) {
        OperationCall call = call("sigmoidGateBackward");
        gated(call, out, "out", logits, "logits");
        same(call, out, "outGradient", outGradient);
        same(call, out, "xGradient", xGradient);
        same(call, logits, "logitsGradient", logitsGradient);
        perHeadAndTime(call, "delta", delta, out, out.dtype());
        call.apartOrSame("xGradient", xGradient, outGradient);
        call.apart("xGradient", xGradient, out, logits, logitsGradient, delta);
        call.apart("logitsGradient", logitsGradient, outGradient, out, logits, delta);
        call.apart("delta", delta, outGradient, out, logits);
    }

    private static void gated(OperationCall call, Tensor x, String xArgument, Tensor logits, String logitsArgument) {
        DType dtype = call.floating(xArgument, x);
        call.rank(xArgument, x, 4, "[B, T, H, E]");
        call.type(logitsArgument, logits, dtype);
        Shape shape = x.shape();
        Shape headwise = Shape.of(shape.dimension(0), shape.dimension(1), shape.dimension(2));
        if (!logits.shape().equals(shape) && !logits.shape().equals(headwise)) {
            throw call.refusal(
                    logitsArgument,
                    logits,
                    "has shape " + logits.shape(),
                    shape + " (elementwise) or " + headwise + " (headwise)");
        }
    }

    /** For {@link Gates#swiGlu}. */
    public void swiGlu(Tensor gate, Tensor up, Tensor out) {
        OperationCall call = call("swiGlu");
        call.floating("gate", gate);
        call.rank("gate", gate, 2, "[N, F]");
        same(call, gate, "up", up);
        same(call, gate, "out", out);
        call.apart("out", out, gate, up);
    }

    /** For {@link Gates#swiGluBackward}. */
    public void swiGluBackward(Tensor outGradient, Tensor gate, Tensor up, Tensor gateGradient, Tensor upGradient) {
        OperationCall call = call("swiGluBackward");
        call.floating("gate", gate);
        call.rank("gate", gate, 2, "[N, F]");
        same(call, gate, "up", up);
        same(call, gate, "outGradient", outGradient);
        same(call, gate, "gateGradient", gateGradient);
        same(call, gate, "upGradient", upGradient);
        call.apartOrSame("gateGradient", gateGradient, gate);
        call.apart("gateGradient", gateGradient, outGradient, up, upGradient);
        call.apartOrSame("upGradient", upGradient, up);
        call.apart("upGradient", upGradient, outGradient, gate);
    }

    /** For {@link Loss#classifierLoss}. */
    public void classifierLoss(
            Tensor hidden, Tensor weight, Tensor targets, Tensor workspace, Tensor losses, Tensor logSumExp) {
        OperationCall call = call("classifierLoss");
        classified(call, hidden, weight, targets, workspace, losses, logSumExp);
    }

    /** For {@link Loss#classifierLossAndGradient}. */
    public void classifierLossAndGradient(
            Tensor hidden,
            Tensor weight,
            Tensor targets,
            Tensor workspace,
            Tensor losses,
            Tensor logSumExp,
            Tensor hiddenGradient,
            Tensor weightGradient) {
        OperationCall call = call("classifierLossAndGradient");
        classified(call, hidden, weight, targets, workspace, losses, logSumExp);
        same(call, hidden, "hiddenGradient", hiddenGradient);
        same(call, weight, "weightGradient", weightGradient);
        Tensor[] others = {hidden, weight, targets, workspace, losses, logSumExp};
        call.apart("hiddenGradient", hiddenGradient, others);
        call.apart("hiddenGradient", hiddenGradient, weightGradient);
        call.apart("weightGradient", weightGradient, others);
    }

    private static void classified(
            OperationCall call,
            Tensor hidden,
            Tensor weight,
            Tensor targets,
            Tensor workspace,
            Tensor losses,
            Tensor logSumExp) {
        DType dtype = call.floating("hidden", hidden);
        call.rank("hidden", hidden, 2, "[N, D]");
        call.type("weight", weight, dtype);
        call.rank("weight", weight, 2, "[V, D]");
        long rows = hidden.shape().dimension(0);
        long vocabulary = weight.shape().dimension(0);
        call.tensor("weight", weight, dtype, vocabulary, hidden.shape().dimension(1));
        call.tensor("targets", targets, DType.INT32, rows);
        call.type("workspace", workspace, dtype);
        call.rank("workspace", workspace, 2, "[C, V]");
        call.tensor("workspace", workspace, dtype, workspace.shape().dimension(0), vocabulary);
        call.tensor("losses", losses, dtype, rows);
        call.tensor("logSumExp", logSumExp, dtype, rows);
        call.apart("workspace", workspace, hidden, weight, targets, losses, logSumExp);
        call.apart("losses", losses, hidden, weight, targets, logSumExp);
        call.apart("logSumExp", logSumExp, hidden, weight, targets);
    }

    /** For {@link Optimisation#adamW}. */
    public void adamW(Tensor parameters, Tensor gradients, Tensor firstMoment, Tensor secondMoment, AdamWStep step) {
        OperationCall call = call("adamW");
        DType dtype = call.floating("parameters", parameters);
        call.elements("gradients", gradients, dtype, parameters.elements());
        call.elements("firstMoment", firstMoment, dtype, parameters.elements());
        call.elements("secondMoment", secondMoment, dtype, parameters.elements());
        call.number("step", step.step(), step.step() >= 1, "at least 1");
        call.number("beta1", step.beta1(), step.beta1() >= 0 && step.beta1() < 1, "0 <= beta1 < 1");
        call.number("beta2", step.beta2(), step.beta2() >= 0 && step.beta2() < 1, "0 <= beta2 < 1");
        epsilon(call, step.epsilon());
        call.apart("parameters", parameters, gradients, firstMoment, secondMoment);
        call.apart("firstMoment", firstMoment, gradients, secondMoment);
        call.apart("secondMoment", secondMoment, gradients);
    }

    /** For {@link Optimisation#gradientDescent}. */
    public void gradientDescent(Tensor parameters, Tensor gradients) {
        OperationCall call = call("gradientDescent");
        DType dtype = call.floating("parameters", parameters);
        call.elements("gradients", gradients, dtype, parameters.elements());
        call.apart("parameters", parameters, gradients);
    }

    /** For {@link Memory#fill}. */
    public void fill(Tensor tensor, double value) {
        OperationCall call = call("fill");
        call.type("tensor", tensor, tensor == null ? null : tensor.dtype());
        if (tensor.dtype() == DType.INT32) {
            call.number("value", value, value == (int) value, "a whole number of 32 bits for '" + tensor.name() + "'");
        }
    }

    /** For {@link Memory#copy}. */
    public void copy(Tensor source, Tensor target) {
        OperationCall call = call("copy");
        call.type("source", source, source == null ? null : source.dtype());
        call.elements("target", target, source.dtype(), source.elements());
        call.apart("target", target, source);
    }

    /** For {@link Memory#cast}. */
    public void cast(Tensor source, Tensor target) {
        OperationCall call = transferCall("cast");
        call.floating("source", source);
        call.floating("target", target);
        call.elements("target", target, target.dtype(), source.elements());
        call.apart("target", target, source);
    }

    /** For {@link Memory#addScaled}. */
    public void addScaled(Tensor source, Tensor target) {
        OperationCall call = call("addScaled");
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
        OperationCall call = call(operation);
        call.type("tensor", tensor, tensor == null ? null : tensor.dtype());
        int size = tensor.dtype().bytes();
        if (bytes % size != 0) {
            throw new IllegalArgumentException(
                    operation + ": the buffer has " + bytes + " bytes remaining, expected whole " + tensor.dtype()
                            + " elements of " + size + " bytes for tensor '" + tensor.name() + "'");
        }
        if (offset < 0 || offset > tensor.elements() - bytes / size) {
            throw new IndexOutOfBoundsException(operation + ": " + bytes / size + " elements from element " + offset
                    + " are not inside tensor '" + tensor.name() + "' of " + tensor.elements() + " elements");
        }
    }

    /** For {@link Memory#writeInts}. */
    public void writeInts(int[] source, Tensor target) {
        call("writeInts").elements("target", target, DType.INT32, source.length);
    }

    /** For {@link Memory#writeDoubles}. */
    public void writeDoubles(double[] source, Tensor target) {
        OperationCall call = transferCall("writeDoubles");
        call.elements("target", target, call.floating("target", target), source.length);
    }

    /** For {@link Memory#readDoubles}. */
    public void readDoubles(Tensor source) {
        OperationCall call = transferCall("readDoubles");
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
        OperationCall call = transferCall("scalar");
        call.elements("source", source, call.floating("source", source), 1);
    }

    /** For all of {@link Statistics}. */
    public void statistic(String operation, Tensor x, Tensor out) {
        OperationCall call = call(operation);
        call.floating("x", x);
        call.tensor("out", out, DType.FLOAT64, 1);
        call.apart("out", out, x);
    }

    /**
     * Refuses a token that the vocabulary does not have.
     *
     * @param position where among all tokens it is
     */
    public static void requireToken(String operation, long position, int token, long vocabulary) {
        if (token < 0 || token >= vocabulary) {
            throw new IllegalArgumentException(operation + ": argument 'tokens' has the token " + token
                    + " at position " + position + ", expected one of 0.." + (vocabulary - 1));
        }
    }

    /** Refuses a target that is neither a token of the vocabulary nor {@link Loss#IGNORED}. */
    public static void requireTarget(String operation, long row, int target, long vocabulary) {
        if (target != Loss.IGNORED && (target < 0 || target >= vocabulary)) {
            throw new IllegalArgumentException(operation + ": argument 'targets' has the target " + target + " at row "
                    + row + ", expected one of 0.." + (vocabulary - 1) + ", or " + Loss.IGNORED + " for none");
        }
    }

    /**
     * Refuses an entry of {@code firstVisible} that is not in {@code previous .. time}.
     *
     * @param previous the entry before it in the same sequence; 0 for the first
     */
    public static void requireFirstVisible(String operation, long sequence, int time, int entry, int previous) {
        if (entry < previous || entry > time) {
            throw new IllegalArgumentException(operation + ": argument 'firstVisible' has " + entry + " at sequence "
                    + sequence + ", time " + time + ", expected one of " + previous + ".." + time
                    + ": entries never decrease, and a token sees itself");
        }
    }

    private static void perHeadAndTime(OperationCall call, String argument, Tensor tensor, Tensor heads, DType dtype) {
        Shape shape = heads.shape();
        call.tensor(argument, tensor, dtype, shape.dimension(0), shape.dimension(2), shape.dimension(1));
    }

    private static void same(OperationCall call, Tensor model, String argument, Tensor tensor) {
        call.type(argument, tensor, model.dtype());
        if (!tensor.shape().equals(model.shape())) {
            throw call.refusal(
                    argument,
                    tensor,
                    "has shape " + tensor.shape(),
                    model.shape().toString());
        }
    }

    private static void epsilon(OperationCall call, double epsilon) {
        call.number("epsilon", epsilon, epsilon >= 0 && Double.isFinite(epsilon), "a finite number of at least 0");
    }

    /** Numbers may be moved in any floating-point type, whether the backend computes in it or not. */
    private OperationCall transferCall(String operation) {
        return new OperationCall(operation, owner, DType::isFloatingPoint);
    }

    private OperationCall call(String operation) {
        return new OperationCall(operation, owner, supported);
    }
}

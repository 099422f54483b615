package org.sluice.backend.nd4j.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;
import static org.sluice.backend.nd4j.reference.ReferenceBackend.array;
import static org.sluice.backend.nd4j.reference.ReferenceMemory.flat;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.controlflow.Select;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.sluice.tensor.Normalisation;
import org.sluice.tensor.NormalisationChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** RMSNorm and rotary position embedding on arrays of rows, and the clip. */
final class ReferenceNormalisation implements Normalisation {
    private final NormalisationChecks checks;

    ReferenceNormalisation(OperationChecks checks) {
        this.checks = new NormalisationChecks(checks);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor weight, double epsilon, Tensor out, Tensor inverseRms) {
        checks.rmsNorm(x, weight, epsilon, out, inverseRms);
        INDArray r = inverseRms(array(x), epsilon);
        array(inverseRms).assign(r);
        array(out).assign(normalised(array(x), r, array(weight)));
    }

    @Override
    public void addRmsNorm(
            Tensor residual, Tensor branch, Tensor weight, double epsilon, Tensor sum, Tensor out, Tensor inverseRms) {
        checks.addRmsNorm(residual, branch, weight, epsilon, sum, out, inverseRms);
        array(sum).assign(array(residual).add(array(branch)));
        rmsNorm(sum, weight, epsilon, out, inverseRms);
    }

    @Override
    public void rmsNormBackward(
            Tensor outGradient,
            Tensor x,
            Tensor weight,
            Tensor inverseRms,
            Tensor xGradient,
            boolean accumulate,
            Tensor weightGradient) {
        checks.rmsNormBackward(outGradient, x, weight, inverseRms, xGradient, weightGradient);
        INDArray gradient =
                rowsBackward(array(outGradient), array(x), array(weight), array(inverseRms), array(weightGradient));
        if (accumulate) {
            array(xGradient).addi(gradient);
        } else {
            array(xGradient).assign(gradient);
        }
    }

    @Override
    public void headNormRotary(
            Tensor x, Tensor weight, double epsilon, Tensor cosine, Tensor sine, Tensor out, Tensor inverseRms) {
        checks.headNormRotary(x, weight, epsilon, cosine, sine, out, inverseRms);
        INDArray rows = headRows(x);
        INDArray r = inverseRms(rows, epsilon);
        array(inverseRms).assign(r.reshape(array(inverseRms).shape()));
        INDArray y = normalised(rows, r, array(weight)).reshape(array(x).shape());
        array(out).assign(rotated(y, array(cosine), array(sine)));
    }

    @Override
    public void headNormRotaryBackward(
            Tensor outGradient,
            Tensor x,
            Tensor weight,
            Tensor cosine,
            Tensor sine,
            Tensor inverseRms,
            Tensor xGradient,
            Tensor weightGradient) {
        checks.headNormRotaryBackward(outGradient, x, weight, cosine, sine, inverseRms, xGradient, weightGradient);
        INDArray turnedBack =
                rotated(array(outGradient), array(cosine), array(sine).neg());
        INDArray rows = headRows(x);
        INDArray gradient = rowsBackward(
                turnedBack.reshape(rows.shape()),
                rows,
                array(weight),
                array(inverseRms).reshape(rows.rows()),
                array(weightGradient));
        array(xGradient).assign(gradient.reshape(array(xGradient).shape()));
    }

    @Override
    public void clip(Tensor x, double bound) {
        checks.clip(x, bound);
        // Comparisons, rather than minimum and maximum, which lose NaN.
        BooleanIndexing.replaceWhere(flat(x), bound, Conditions.greaterThan(bound));
        BooleanIndexing.replaceWhere(flat(x), -bound, Conditions.lessThan(-bound));
    }

    @Override
    public void clipBackward(Tensor x, double bound, Tensor gradient) {
        checks.clipBackward(x, bound, gradient);
        INDArray atBound = Transforms.abs(flat(x)).gte(bound);
        INDArray dx = flat(gradient);
        dx.assign(Nd4j.exec(new Select(new INDArray[] {atBound, Nd4j.zerosLike(dx), dx}, null))[0]);
    }

    /** {@code [B, T, H, E]} as {@code [B T H, E]}. */
    private static INDArray headRows(Tensor x) {
        return array(x).reshape(-1, x.shape().dimension(3));
    }

    /** {@code 1 / sqrt(mean(x^2) + epsilon)} of each row, {@code [N]}. */
    private static INDArray inverseRms(INDArray x, double epsilon) {
        return Transforms.sqrt(x.mul(x).mean(1).add(epsilon)).rdiv(1);
    }

    /** {@code weight * x * r}, {@code [N, D]}. */
    private static INDArray normalised(INDArray x, INDArray r, INDArray weight) {
        return x.mulColumnVector(column(r)).muliRowVector(weight);
    }

    /** The gradient of the rows {@code [N, D]}; that of the weight is added to {@code weightGradient}. */
    private static INDArray rowsBackward(
            INDArray outGradient, INDArray x, INDArray weight, INDArray inverseRms, INDArray weightGradient) {
        INDArray r = column(inverseRms);
        INDArray g = outGradient.mulRowVector(weight);
        INDArray mean = column(g.mul(x).mean(1));
        weightGradient.addi(outGradient.mul(x).muliColumnVector(r).sum(0));
        return g.sub(x.mulColumnVector(r.mul(r).mul(mean))).muliColumnVector(r);
    }

    private static INDArray column(INDArray vector) {
        return vector.reshape(vector.length(), 1);
    }

    /** Turns {@code [B, T, H, E]} by the angles of each time, as the rotate-half form does. */
    private static INDArray rotated(INDArray y, INDArray cosine, INDArray sine) {
        long half = cosine.size(1);
        INDArray first = y.get(all(), all(), all(), interval(0, half)).dup('c');
        INDArray second = y.get(all(), all(), all(), interval(half, 2 * half)).dup('c');
        INDArray cos = cosine.reshape(1, cosine.size(0), 1, half);
        INDArray sin = sine.reshape(1, sine.size(0), 1, half);
        return Nd4j.concat(
                3, first.mul(cos).subi(second.mul(sin)), second.mul(cos).addi(first.mul(sin)));
    }
}

package org.sluice.backend.nd4j.reference;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;
import static org.nd4j.linalg.indexing.NDArrayIndex.point;
import static org.sluice.backend.nd4j.reference.ReferenceBackend.array;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.tensor.Mixture;
import org.sluice.tensor.MixtureChecks;
import org.sluice.tensor.OperationChecks;
import org.sluice.tensor.Tensor;

/** A mixture of experts, row by row and expert by expert. */
final class ReferenceMixture implements Mixture {
    private final MixtureChecks checks;

    ReferenceMixture(OperationChecks checks) {
        this.checks = new MixtureChecks(checks);
    }

    @Override
    public void route(
            Tensor logits,
            Tensor routed,
            boolean normalised,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor experts,
            Tensor weights,
            Tensor places,
            Tensor offsets) {
        checks.route(logits, routed, probabilities, logSumExp, experts, weights, places, offsets);
        ReferenceRouter.choose(array(logits), array(routed), array(experts));
        ReferenceRouter.softmax(array(logits), array(routed), array(probabilities), array(logSumExp));
        ReferenceRouter.weigh(array(probabilities), array(experts), normalised, array(weights));
        ReferenceRouter.place(array(experts), array(places), array(offsets));
    }

    @Override
    public void routerSums(Tensor probabilities, Tensor logSumExp, Tensor probabilitySums, Tensor squares) {
        checks.routerSums(probabilities, logSumExp, probabilitySums, squares);
        INDArray totals = array(logSumExp).castTo(array(squares).dataType());
        array(probabilitySums)
                .assign(array(probabilities).castTo(array(squares).dataType()).sum(0));
        array(squares).assign(totals.mul(totals).sumNumber());
    }

    @Override
    public void routeBackward(
            Tensor weightsGradient,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor experts,
            Tensor weights,
            boolean normalised,
            Tensor probabilityGradient,
            double zScale,
            Tensor logitsGradient) {
        checks.routeBackward(
                weightsGradient,
                probabilities,
                logSumExp,
                experts,
                weights,
                probabilityGradient,
                zScale,
                logitsGradient);
        INDArray p = array(probabilities);
        INDArray dp = Nd4j.zeros(p.dataType(), p.shape())
                .addiRowVector(array(probabilityGradient).castTo(p.dataType()));
        ReferenceRouter.addGradientOfWeights(array(weightsGradient), p, array(experts), array(weights), normalised, dp);
        INDArray mean = p.mul(dp).sum(1).reshape(p.rows(), 1);
        INDArray total = array(logSumExp).reshape(p.rows(), 1).mul(2 * zScale);
        array(logitsGradient)
                .assign(dp.subiColumnVector(mean).addiColumnVector(total).muli(p));
    }

    @Override
    public void permute(Tensor x, Tensor places, Tensor out) {
        checks.permute(x, places, out);
        int[] rows = places("permute", places);
        int chosen = array(places).columns();
        for (int choice = 0; choice < rows.length; choice++) {
            if (rows[choice] >= 0) {
                row(out, rows[choice]).assign(row(x, choice / chosen));
            }
        }
    }

    @Override
    public void permuteBackward(Tensor outGradient, Tensor places, Tensor xGradient) {
        checks.permuteBackward(outGradient, places, xGradient);
        int[] rows = places("permuteBackward", places);
        int chosen = array(places).columns();
        for (int choice = 0; choice < rows.length; choice++) {
            if (rows[choice] >= 0) {
                row(xGradient, choice / chosen).addi(row(outGradient, rows[choice]));
            }
        }
    }

    @Override
    public void groupedMatmul(
            Tensor left, Tensor right, boolean transposeRight, Tensor offsets, Tensor out, boolean accumulate) {
        checks.groupedMatmul(left, right, transposeRight, offsets, out);
        int[] starts = offsets("groupedMatmul", offsets, left);
        for (int x = 0; x + 1 < starts.length; x++) {
            if (starts[x] < starts[x + 1]) {
                INDArray rows = rows(out, starts[x], starts[x + 1]);
                INDArray product = Nd4j.matmul(
                        rows(left, starts[x], starts[x + 1]), expert(right, x), false, transposeRight, false);
                rows.assign(accumulate ? rows.add(product) : product);
            }
        }
    }

    @Override
    public void groupedWeightGradient(Tensor outGradient, Tensor left, Tensor offsets, Tensor weightGradient) {
        checks.groupedWeightGradient(outGradient, left, offsets, weightGradient);
        int[] starts = offsets("groupedWeightGradient", offsets, left);
        for (int x = 0; x + 1 < starts.length; x++) {
            if (starts[x] < starts[x + 1]) {
                INDArray gradient = rows(outGradient, starts[x], starts[x + 1]);
                expert(weightGradient, x)
                        .addi(Nd4j.matmul(gradient, rows(left, starts[x], starts[x + 1]), true, false, false));
            }
        }
    }

    @Override
    public void combine(Tensor expertOut, Tensor places, Tensor weights, Tensor out) {
        checks.combine(expertOut, places, weights, out);
        int[] rows = places("combine", places);
        int chosen = array(places).columns();
        array(out).assign(0);
        for (int choice = 0; choice < rows.length; choice++) {
            if (rows[choice] >= 0) {
                row(out, choice / chosen).addi(row(expertOut, rows[choice]).mul(weight(weights, choice)));
            }
        }
    }

    @Override
    public void combineBackward(
            Tensor outGradient,
            Tensor expertOut,
            Tensor places,
            Tensor weights,
            Tensor expertOutGradient,
            Tensor weightsGradient) {
        checks.combineBackward(outGradient, expertOut, places, weights, expertOutGradient, weightsGradient);
        int[] rows = places("combineBackward", places);
        int chosen = array(places).columns();
        array(weightsGradient).assign(0);
        for (int choice = 0; choice < rows.length; choice++) {
            if (rows[choice] >= 0) {
                INDArray gradient = row(outGradient, choice / chosen);
                Number along = gradient.mul(row(expertOut, rows[choice])).sumNumber();
                array(weightsGradient).putScalar(choice / chosen, choice % chosen, along.doubleValue());
                row(expertOutGradient, rows[choice]).assign(gradient.mul(weight(weights, choice)));
            }
        }
    }

    private static double weight(Tensor weights, int choice) {
        int chosen = array(weights).columns();
        return array(weights).getDouble(choice / chosen, choice % chosen);
    }

    private static INDArray row(Tensor tensor, int row) {
        return array(tensor).getRow(row);
    }

    private static INDArray rows(Tensor tensor, int from, int to) {
        return array(tensor).get(interval(from, to), all());
    }

    private static INDArray expert(Tensor tensor, int x) {
        return array(tensor).get(point(x), all(), all());
    }

    private static int[] places(String operation, Tensor places) {
        int[] rows = array(places).dup().data().asInt();
        for (int choice = 0; choice < rows.length; choice++) {
            MixtureChecks.requirePlace(operation, choice, rows[choice], rows.length);
        }
        return rows;
    }

    private static int[] offsets(String operation, Tensor offsets, Tensor permuted) {
        int[] starts = array(offsets).toIntVector();
        for (int x = 0; x < starts.length; x++) {
            int previous = x == 0 ? 0 : starts[x - 1];
            MixtureChecks.requireOffset(
                    operation, x, starts[x], previous, permuted.shape().dimension(0));
        }
        return starts;
    }
}

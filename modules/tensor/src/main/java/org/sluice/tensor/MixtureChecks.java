package org.sluice.tensor;

/** The argument checks of {@link Mixture}; see {@link OperationChecks}. */
public final class MixtureChecks {
    private final OperationChecks operations;

    public MixtureChecks(OperationChecks operations) {
        this.operations = operations;
    }

    /** For {@link Mixture#route}. */
    public void route(
            Tensor logits,
            Tensor routed,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor experts,
            Tensor weights,
            Tensor places,
            Tensor offsets) {
        OperationCall call = operations.call("route");
        DType dtype = call.floating("logits", logits);
        call.rank("logits", logits, 2, "[N, X]");
        long rows = logits.shape().dimension(0);
        long expertCount = logits.shape().dimension(1);
        call.tensor("routed", routed, DType.INT32, rows);
        call.tensor("probabilities", probabilities, dtype, rows, expertCount);
        call.tensor("logSumExp", logSumExp, dtype, rows);
        long chosen = chosen(call, experts, rows, expertCount);
        call.tensor("weights", weights, dtype, rows, chosen);
        call.tensor("places", places, DType.INT32, rows, chosen);
        call.tensor("offsets", offsets, DType.INT32, expertCount + 1);
        call.apartOrSame("probabilities", probabilities, logits);
        call.apart("probabilities", probabilities, routed, logSumExp, experts, weights, places, offsets);
        call.apart("logSumExp", logSumExp, logits, routed, experts, weights, places, offsets);
        call.apart("experts", experts, logits, routed, weights, places, offsets);
        call.apart("weights", weights, logits, routed, places, offsets);
        call.apart("places", places, logits, routed, offsets);
        call.apart("offsets", offsets, logits, routed);
    }

    /** The experts chosen for a row, which no other argument says. */
    private static long chosen(OperationCall call, Tensor experts, long rows, long expertCount) {
        call.type("experts", experts, DType.INT32);
        call.rank("experts", experts, 2, "[N, k]");
        long chosen = experts.shape().dimension(1);
        if (chosen > expertCount) {
            throw call.refusal(
                    "experts", experts, "has k = " + chosen, "at most X = " + expertCount + " experts a row");
        }
        call.tensor("experts", experts, DType.INT32, rows, chosen);
        return chosen;
    }

    /** For {@link Mixture#routerSums}. */
    public void routerSums(Tensor probabilities, Tensor logSumExp, Tensor probabilitySums, Tensor squares) {
        OperationCall call = operations.call("routerSums");
        DType dtype = call.floating("probabilities", probabilities);
        call.rank("probabilities", probabilities, 2, "[N, X]");
        call.tensor("logSumExp", logSumExp, dtype, probabilities.shape().dimension(0));
        call.tensor(
                "probabilitySums",
                probabilitySums,
                DType.FLOAT64,
                probabilities.shape().dimension(1));
        call.tensor("squares", squares, DType.FLOAT64, 1);
        call.apart("probabilitySums", probabilitySums, probabilities, logSumExp, squares);
        call.apart("squares", squares, probabilities, logSumExp);
    }

    /** For {@link Mixture#routeBackward}. */
    public void routeBackward(
            Tensor weightsGradient,
            Tensor probabilities,
            Tensor logSumExp,
            Tensor experts,
            Tensor weights,
            Tensor probabilityGradient,
            double zScale,
            Tensor logitsGradient) {
        OperationCall call = operations.call("routeBackward");
        DType dtype = call.floating("probabilities", probabilities);
        call.rank("probabilities", probabilities, 2, "[N, X]");
        long rows = probabilities.shape().dimension(0);
        long expertCount = probabilities.shape().dimension(1);
        call.tensor("logSumExp", logSumExp, dtype, rows);
        long chosen = chosen(call, experts, rows, expertCount);
        call.tensor("weightsGradient", weightsGradient, dtype, rows, chosen);
        call.tensor("weights", weights, dtype, rows, chosen);
        call.tensor("probabilityGradient", probabilityGradient, DType.FLOAT64, expertCount);
        call.number("zScale", zScale, Double.isFinite(zScale), "a finite number");
        call.tensor("logitsGradient", logitsGradient, dtype, rows, expertCount);
        call.apartOrSame("logitsGradient", logitsGradient, probabilities);
        call.apart("logitsGradient", logitsGradient, weightsGradient, logSumExp, experts, weights, probabilityGradient);
    }

    /** For {@link Mixture#permute}. */
    public void permute(Tensor x, Tensor places, Tensor out) {
        OperationCall call = operations.call("permute");
        permuted(call, "x", x, places, "out", out);
        call.apart("out", out, x, places);
    }

    /** For {@link Mixture#permuteBackward}. */
    public void permuteBackward(Tensor outGradient, Tensor places, Tensor xGradient) {
        OperationCall call = operations.call("permuteBackward");
        permuted(call, "xGradient", xGradient, places, "outGradient", outGradient);
        call.apart("xGradient", xGradient, outGradient, places);
    }

    /** For {@link Mixture#combine}. */
    public void combine(Tensor expertOut, Tensor places, Tensor weights, Tensor out) {
        OperationCall call = operations.call("combine");
        permuted(call, "out", out, places, "expertOut", expertOut);
        likePlaces(call, places, "weights", weights, out.dtype());
        call.apart("out", out, expertOut, places, weights);
    }

    /** For {@link Mixture#combineBackward}. */
    public void combineBackward(
            Tensor outGradient,
            Tensor expertOut,
            Tensor places,
            Tensor weights,
            Tensor expertOutGradient,
            Tensor weightsGradient) {
        OperationCall call = operations.call("combineBackward");
        permuted(call, "outGradient", outGradient, places, "expertOut", expertOut);
        permuted(call, "outGradient", outGradient, places, "expertOutGradient", expertOutGradient);
        likePlaces(call, places, "weights", weights, outGradient.dtype());
        likePlaces(call, places, "weightsGradient", weightsGradient, outGradient.dtype());
        call.apartOrSame("expertOutGradient", expertOutGradient, expertOut);
        call.apart("expertOutGradient", expertOutGradient, outGradient, places, weights, weightsGradient);
        call.apart("weightsGradient", weightsGradient, outGradient, expertOut, places, weights);
    }

    /** Rows {@code [N, D]}, and the same {@code k} times in the permuted order. */
    private static void permuted(
            OperationCall call, String rowsArgument, Tensor rows, Tensor places, String argument, Tensor permuted) {
        DType dtype = call.floating(rowsArgument, rows);
        call.rank(rowsArgument, rows, 2, "[N, D]");
        call.type("places", places, DType.INT32);
        call.rank("places", places, 2, "[N, k]");
        call.tensor(
                "places",
                places,
                DType.INT32,
                rows.shape().dimension(0),
                places.shape().dimension(1));
        call.tensor(argument, permuted, dtype, places.elements(), rows.shape().dimension(1));
    }

    private static void likePlaces(OperationCall call, Tensor places, String argument, Tensor tensor, DType dtype) {
        call.tensor(
                argument,
                tensor,
                dtype,
                places.shape().dimension(0),
                places.shape().dimension(1));
    }

    /** For {@link Mixture#groupedMatmul}. */
    public void groupedMatmul(Tensor left, Tensor right, boolean transposeRight, Tensor offsets, Tensor out) {
        OperationCall call = operations.call("groupedMatmul");
        DType dtype = call.floating("left", left);
        call.rank("left", left, 2, "[M, L]");
        call.type("out", out, dtype);
        call.rank("out", out, 2, "[M, P]");
        long inner = left.shape().dimension(1);
        long columns = out.shape().dimension(1);
        call.tensor("out", out, dtype, left.shape().dimension(0), columns);
        call.type("right", right, dtype);
        call.rank("right", right, 3, transposeRight ? "[X, P, L]" : "[X, L, P]");
        long expertCount = right.shape().dimension(0);
        call.tensor(
                "right",
                right,
                dtype,
                transposeRight ? new long[] {expertCount, columns, inner} : new long[] {expertCount, inner, columns});
        call.tensor("offsets", offsets, DType.INT32, expertCount + 1);
        call.apart("out", out, left, right, offsets);
    }

    /** For {@link Mixture#groupedWeightGradient}. */
    public void groupedWeightGradient(Tensor outGradient, Tensor left, Tensor offsets, Tensor weightGradient) {
        OperationCall call = operations.call("groupedWeightGradient");
        DType dtype = call.floating("left", left);
        call.rank("left", left, 2, "[M, L]");
        call.type("outGradient", outGradient, dtype);
        call.rank("outGradient", outGradient, 2, "[M, P]");
        long columns = outGradient.shape().dimension(1);
        call.tensor("outGradient", outGradient, dtype, left.shape().dimension(0), columns);
        call.type("weightGradient", weightGradient, dtype);
        call.rank("weightGradient", weightGradient, 3, "[X, P, L]");
        long expertCount = weightGradient.shape().dimension(0);
        call.tensor(
                "weightGradient",
                weightGradient,
                dtype,
                expertCount,
                columns,
                left.shape().dimension(1));
        call.tensor("offsets", offsets, DType.INT32, expertCount + 1);
        call.apart("weightGradient", weightGradient, outGradient, left, offsets);
    }

    /** Refuses an entry of {@code routed} that is neither 0 nor 1. */
    public static void requireRouted(String operation, long row, int entry) {
        if (entry != 0 && entry != 1) {
            throw new IllegalArgumentException(operation + ": argument 'routed' has " + entry + " at row " + row
                    + ", expected 1 for a row that experts shall see, or 0");
        }
    }

    /**
     * Refuses an expert that is neither one of the mixture's nor -1.
     *
     * @param position where among all {@code N k} choices it is
     */
    public static void requireExpert(String operation, long position, int expert, long expertCount) {
        if (expert < -1 || expert >= expertCount) {
            throw new IllegalArgumentException(operation + ": argument 'experts' has the expert " + expert
                    + " at position " + position + ", expected one of 0.." + (expertCount - 1) + ", or -1 for none");
        }
    }

    /**
     * Refuses a place that is neither a permuted row nor -1.
     *
     * @param position where among all {@code N k} choices it is
     * @param permutedRows {@code M}
     */
    public static void requirePlace(String operation, long position, int place, long permutedRows) {
        if (place < -1 || place >= permutedRows) {
            throw new IllegalArgumentException(operation + ": argument 'places' has the row " + place + " at position "
                    + position + ", expected one of 0.." + (permutedRows - 1) + ", or -1 for none");
        }
    }

    /**
     * Refuses an offset that is not in {@code previous .. permutedRows}.
     *
     * @param previous the offset before it; 0 for the first
     * @param permutedRows {@code M}
     */
    public static void requireOffset(String operation, int index, int offset, int previous, long permutedRows) {
        if (offset < previous || offset > permutedRows) {
            throw new IllegalArgumentException(operation + ": argument 'offsets' has " + offset + " at index " + index
                    + ", expected one of " + previous + ".." + permutedRows
                    + ": offsets never decrease, and end within the permuted rows");
        }
    }
}

package org.sluice.tensor;

/** The argument checks of {@link Mixture}; see {@link OperationChecks}. */
public final class MixtureChecks {
    private final OperationArguments route;
    private final OperationArguments routerSums;
    private final OperationArguments routeBackward;
    private final OperationArguments permute;
    private final OperationArguments permuteBackward;
    private final OperationArguments combine;
    private final OperationArguments combineBackward;
    private final OperationArguments groupedMatmul;
    private final OperationArguments groupedWeightGradient;

    public MixtureChecks(OperationChecks operations) {
        route = operations.arguments("route");
        routerSums = operations.arguments("routerSums");
        routeBackward = operations.arguments("routeBackward");
        permute = operations.arguments("permute");
        permuteBackward = operations.arguments("permuteBackward");
        combine = operations.arguments("combine");
        combineBackward = operations.arguments("combineBackward");
        groupedMatmul = operations.arguments("groupedMatmul");
        groupedWeightGradient = operations.arguments("groupedWeightGradient");
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
        DType dtype = route.floating("logits", logits);
        route.rank("logits", logits, 2, "[N, X]");
        long rows = logits.shape().dimension(0);
        long expertCount = logits.shape().dimension(1);
        route.tensor("routed", routed, DType.INT32, rows);
        route.tensor("probabilities", probabilities, dtype, rows, expertCount);
        route.tensor("logSumExp", logSumExp, dtype, rows);
        long chosen = chosen(route, experts, rows, expertCount);
        route.tensor("weights", weights, dtype, rows, chosen);
        route.tensor("places", places, DType.INT32, rows, chosen);
        route.tensor("offsets", offsets, DType.INT32, expertCount + 1);
        route.apartOrSame("probabilities", probabilities, logits);
        route.apart("probabilities", probabilities, routed, logSumExp, experts);
        route.apart("probabilities", probabilities, weights, places, offsets);
        route.apart("logSumExp", logSumExp, logits, routed, experts);
        route.apart("logSumExp", logSumExp, weights, places, offsets);
        route.apart("experts", experts, logits, routed, weights);
        route.apart("experts", experts, places, offsets);
        route.apart("weights", weights, logits, routed, places, offsets);
        route.apart("places", places, logits, routed, offsets);
        route.apart("offsets", offsets, logits, routed);
    }

    /** The experts chosen for a row, which no other argument says. */
    private static long chosen(OperationArguments arguments, Tensor experts, long rows, long expertCount) {
        arguments.type("experts", experts, DType.INT32);
        arguments.rank("experts", experts, 2, "[N, k]");
        long chosen = experts.shape().dimension(1);
        if (chosen > expertCount) {
            throw arguments.refusal(
                    "experts", experts, "has k = " + chosen, "at most X = " + expertCount + " experts a row");
        }
        arguments.tensor("experts", experts, DType.INT32, rows, chosen);
        return chosen;
    }

    /** For {@link Mixture#routerSums}. */
    public void routerSums(Tensor probabilities, Tensor logSumExp, Tensor probabilitySums, Tensor squares) {
        DType dtype = routerSums.floating("probabilities", probabilities);
        routerSums.rank("probabilities", probabilities, 2, "[N, X]");
        routerSums.tensor("logSumExp", logSumExp, dtype, probabilities.shape().dimension(0));
        routerSums.tensor(
                "probabilitySums",
                probabilitySums,
                DType.FLOAT64,
                probabilities.shape().dimension(1));
        routerSums.tensor("squares", squares, DType.FLOAT64, 1);
        routerSums.apart("probabilitySums", probabilitySums, probabilities, logSumExp, squares);
        routerSums.apart("squares", squares, probabilities, logSumExp);
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
        DType dtype = routeBackward.floating("probabilities", probabilities);
        routeBackward.rank("probabilities", probabilities, 2, "[N, X]");
        long rows = probabilities.shape().dimension(0);
        long expertCount = probabilities.shape().dimension(1);
        routeBackward.tensor("logSumExp", logSumExp, dtype, rows);
        long chosen = chosen(routeBackward, experts, rows, expertCount);
        routeBackward.tensor("weightsGradient", weightsGradient, dtype, rows, chosen);
        routeBackward.tensor("weights", weights, dtype, rows, chosen);
        routeBackward.tensor("probabilityGradient", probabilityGradient, DType.FLOAT64, expertCount);
        routeBackward.number("zScale", zScale, Double.isFinite(zScale), "a finite number");
        routeBackward.tensor("logitsGradient", logitsGradient, dtype, rows, expertCount);
        routeBackward.apartOrSame("logitsGradient", logitsGradient, probabilities);
        routeBackward.apart("logitsGradient", logitsGradient, weightsGradient, logSumExp, experts);
        routeBackward.apart("logitsGradient", logitsGradient, weights, probabilityGradient);
    }

    /** For {@link Mixture#permute}. */
    public void permute(Tensor x, Tensor places, Tensor out) {
        permuted(permute, "x", x, places, "out", out);
        permute.apart("out", out, x, places);
    }

    /** For {@link Mixture#permuteBackward}. */
    public void permuteBackward(Tensor outGradient, Tensor places, Tensor xGradient) {
        permuted(permuteBackward, "xGradient", xGradient, places, "outGradient", outGradient);
        permuteBackward.apart("xGradient", xGradient, outGradient, places);
    }

    /** For {@link Mixture#combine}. */
    public void combine(Tensor expertOut, Tensor places, Tensor weights, Tensor out) {
        permuted(combine, "out", out, places, "expertOut", expertOut);
        likePlaces(combine, places, "weights", weights, out.dtype());
        combine.apart("out", out, expertOut, places, weights);
    }

    /** For {@link Mixture#combineBackward}. */
    public void combineBackward(
            Tensor outGradient,
            Tensor expertOut,
            Tensor places,
            Tensor weights,
            Tensor expertOutGradient,
            Tensor weightsGradient) {
        permuted(combineBackward, "outGradient", outGradient, places, "expertOut", expertOut);
        permuted(combineBackward, "outGradient", outGradient, places, "expertOutGradient", expertOutGradient);
        likePlaces(combineBackward, places, "weights", weights, outGradient.dtype());
        likePlaces(combineBackward, places, "weightsGradient", weightsGradient, outGradient.dtype());
        combineBackward.apartOrSame("expertOutGradient", expertOutGradient, expertOut);
        combineBackward.apart("expertOutGradient", expertOutGradient, outGradient, places, weights, weightsGradient);
        combineBackward.apart("weightsGradient", weightsGradient, outGradient, expertOut, places, weights);
    }

    /** Rows {@code [N, D]}, and the same {@code k} times in the permuted order. */
    private static void permuted(
            OperationArguments arguments,
            String rowsArgument,
            Tensor rows,
            Tensor places,
            String argument,
            Tensor permuted) {
        DType dtype = arguments.floating(rowsArgument, rows);
        arguments.rank(rowsArgument, rows, 2, "[N, D]");
        arguments.type("places", places, DType.INT32);
        arguments.rank("places", places, 2, "[N, k]");
        arguments.tensor(
                "places",
                places,
                DType.INT32,
                rows.shape().dimension(0),
                places.shape().dimension(1));
        arguments.tensor(
                argument, permuted, dtype, places.elements(), rows.shape().dimension(1));
    }

    private static void likePlaces(
            OperationArguments arguments, Tensor places, String argument, Tensor tensor, DType dtype) {
        arguments.tensor(
                argument,
                tensor,
                dtype,
                places.shape().dimension(0),
                places.shape().dimension(1));
    }

    /** For {@link Mixture#groupedMatmul}. */
    public void groupedMatmul(Tensor left, Tensor right, boolean transposeRight, Tensor offsets, Tensor out) {
        DType dtype = groupedMatmul.floating("left", left);
        groupedMatmul.rank("left", left, 2, "[M, L]");
        groupedMatmul.type("out", out, dtype);
        groupedMatmul.rank("out", out, 2, "[M, P]");
        long inner = left.shape().dimension(1);
        long columns = out.shape().dimension(1);
        groupedMatmul.tensor("out", out, dtype, left.shape().dimension(0), columns);
        groupedMatmul.type("right", right, dtype);
        groupedMatmul.rank("right", right, 3, transposeRight ? "[X, P, L]" : "[X, L, P]");
        long expertCount = right.shape().dimension(0);
        groupedMatmul.tensor(
                "right", right, dtype, expertCount, transposeRight ? columns : inner, transposeRight ? inner : columns);
        groupedMatmul.tensor("offsets", offsets, DType.INT32, expertCount + 1);
        groupedMatmul.apart("out", out, left, right, offsets);
    }

    /** For {@link Mixture#groupedWeightGradient}. */
    public void groupedWeightGradient(Tensor outGradient, Tensor left, Tensor offsets, Tensor weightGradient) {
        DType dtype = groupedWeightGradient.floating("left", left);
        groupedWeightGradient.rank("left", left, 2, "[M, L]");
        groupedWeightGradient.type("outGradient", outGradient, dtype);
        groupedWeightGradient.rank("outGradient", outGradient, 2, "[M, P]");
        long columns = outGradient.shape().dimension(1);
        groupedWeightGradient.tensor(
                "outGradient", outGradient, dtype, left.shape().dimension(0), columns);
        groupedWeightGradient.type("weightGradient", weightGradient, dtype);
        groupedWeightGradient.rank("weightGradient", weightGradient, 3, "[X, P, L]");
        long expertCount = weightGradient.shape().dimension(0);
        groupedWeightGradient.tensor(
                "weightGradient",
                weightGradient,
                dtype,
                expertCount,
                columns,
                left.shape().dimension(1));
        groupedWeightGradient.tensor("offsets", offsets, DType.INT32, expertCount + 1);
        groupedWeightGradient.apart("weightGradient", weightGradient, outGradient, left, offsets);
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

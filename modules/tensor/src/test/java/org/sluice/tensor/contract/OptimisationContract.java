package org.sluice.tensor.contract;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.DType;
import org.sluice.tensor.Optimisation.AdamWStep;
import org.sluice.tensor.Tensor;

/** Holds {@link org.sluice.tensor.Optimisation} against {@link OptimisationLoops}. */
abstract class OptimisationContract extends FamilyContract {
    private static final AdamWStep STEP = new AdamWStep(4e-3, 0.9, 0.95, 1e-8, 0.1, 3, 0.5);

    @Override
    List<Operation> operations(DType dtype) {
        return List.of(
                Operation.named("adamW")
                        .writes("parameters", normal(dtype, 30_011))
                        .reads("gradients", normal(dtype, 30_011))
                        .writes("firstMoment", normal(dtype, 30_011))
                        .writes("secondMoment", tensor(dtype, squares(random.normal(dtype, 30_011, 1), dtype), 30_011))
                        .calling(a -> backend.optimisation()
                                .adamW(
                                        a.apply("parameters"),
                                        a.apply("gradients"),
                                        a.apply("firstMoment"),
                                        a.apply("secondMoment"),
                                        STEP)),
                Operation.named("gradientDescent")
                        .writes("parameters", normal(dtype, 30_011))
                        .reads("gradients", normal(dtype, 30_011))
                        .calling(a -> backend.optimisation()
                                .gradientDescent(a.apply("parameters"), a.apply("gradients"), 0.1)));
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void adamWOverSeveralSteps(DType dtype) {
        for (int count : new int[] {1, 3, 17, 1000, 20_001}) {
            double[] parameters = random.normal(dtype, count, 1);
            double[] first = new double[count];
            double[] second = new double[count];
            Tensor heldParameters = tensor(dtype, parameters, count);
            Tensor heldFirst = tensor(dtype, first, count);
            Tensor heldSecond = tensor(dtype, second, count);
            for (int step = 1; step <= 5; step++) {
                double[] gradients = random.normal(dtype, count, 1);
                AdamWStep scalars = new AdamWStep(4e-3 / step, 0.9, 0.95, 1e-8, 0.1 * (step % 2), step, 1.0 / step);
                backend.optimisation()
                        .adamW(heldParameters, tensor(dtype, gradients, count), heldFirst, heldSecond, scalars);
                OptimisationLoops.adamW(parameters, gradients, first, second, scalars);
            }
            assertClose("parameters of " + count, heldParameters, parameters);
            assertClose("firstMoment of " + count, heldFirst, first);
            assertClose("secondMoment of " + count, heldSecond, second);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void adamWLateInTrainingAndOnTinyAndHugeGradients(DType dtype) {
        double[] gradients = {0, 1e-12, -1e-12, 1e-6, 1, -1e6, 1e12};
        for (int index = 0; index < gradients.length; index++) {
            gradients[index] = RandomCases.rounded(dtype, gradients[index]);
        }
        double[] parameters = random.normal(dtype, gradients.length, 1);
        double[] first = new double[gradients.length];
        double[] second = new double[gradients.length];
        Tensor heldParameters = tensor(dtype, parameters, gradients.length);
        Tensor heldFirst = tensor(dtype, first, gradients.length);
        Tensor heldSecond = tensor(dtype, second, gradients.length);
        AdamWStep late = new AdamWStep(0.1, 0.9, 0.95, 1e-8, 0, 1_000_000_000_000L, 1);
        backend.optimisation()
                .adamW(heldParameters, tensor(dtype, gradients, gradients.length), heldFirst, heldSecond, late);
        OptimisationLoops.adamW(parameters, gradients, first, second, late);
        assertClose("parameters", heldParameters, parameters);
        assertClose("secondMoment", heldSecond, second);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void gradientDescent(DType dtype) {
        for (int count : new int[] {1, 3, 17, 20_001}) {
            double[] parameters = random.normal(dtype, count, 1);
            double[] gradients = random.normal(dtype, count, 1);
            Tensor held = tensor(dtype, parameters, count);
            backend.optimisation().gradientDescent(held, tensor(dtype, gradients, count), 0.25);
            OptimisationLoops.gradientDescent(parameters, gradients, 0.25);
            assertClose("parameters", held, parameters, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void stepsAreCountedFromOne(DType dtype) {
        Tensor one = normal(dtype, 3);
        assertRefused(
                () -> backend.optimisation()
                        .adamW(
                                one,
                                normal(dtype, 3),
                                normal(dtype, 3),
                                normal(dtype, 3),
                                new AdamWStep(0.1, 0.9, 0.95, 1e-8, 0, 0, 1)),
                "adamW",
                "'step'",
                "at least 1");
    }

    private static double[] squares(double[] values, DType dtype) {
        return java.util.Arrays.stream(values)
                .map(value -> RandomCases.rounded(dtype, value * value))
                .toArray();
    }
}

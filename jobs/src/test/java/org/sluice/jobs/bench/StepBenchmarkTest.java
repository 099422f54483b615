package org.sluice.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.sluice.experiments.Variant;
import org.sluice.model.DecoderConfig;
import org.sluice.model.FlopsPerToken;
import org.sluice.model.Presets;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;

class StepBenchmarkTest {
    private static final int SEQUENCES = 2;
    private static final int LENGTH = 16;
    private static final DecoderConfig MODEL = Variant.named("sdpa-elementwise").of(Presets.TINY, false);

    @Test
    void theOperationsOfAStepAddUpToIt() {
        OperationReport report = operations("cpu");

        Map<String, OperationTime> byName =
                report.operations().stream().collect(Collectors.toMap(OperationTime::operation, Function.identity()));
        int layers = MODEL.layers();
        assertThat(byName.get("attention.forward").calls()).isEqualTo(layers);
        assertThat(byName.get("attention.backward").calls()).isEqualTo(layers);
        assertThat(byName.get("gates.gate").calls()).isEqualTo(layers);
        assertThat(byName.get("gates.swiGluBackward").calls()).isEqualTo(layers);
        assertThat(byName.get("linearAlgebra.matmul forward").calls()).isEqualTo(8 * layers);
        assertThat(byName.get("linearAlgebra.matmul dX").calls()).isEqualTo(8 * layers);
        assertThat(byName.get("linearAlgebra.matmul dW").calls()).isEqualTo(8 * layers);
        assertThat(byName.get("loss.classifierLossAndGradient").calls()).isEqualTo(1);
        assertThat(byName)
                .containsKeys(
                        "linearAlgebra.embed",
                        "linearAlgebra.embedBackward",
                        "normalisation.rmsNormBackward",
                        "normalisation.headNormRotary",
                        "optimisation.adamW",
                        "statistics.sumOfSquares",
                        "memory.fill");
        double shares =
                report.operations().stream().mapToDouble(OperationTime::share).sum();
        assertThat(shares + report.between().share()).isCloseTo(1, within(1e-9));
        assertThat(report.between().millis()).isPositive();
        assertThat(report.operations())
                .allSatisfy(operation ->
                        assertThat(operation.floorMillis().orElseThrow()).isPositive())
                .isSortedAccordingTo((left, right) -> Double.compare(right.millis(), left.millis()));
    }

    /** The floors of products with weights are those of the operations that a model's arithmetic is told in. */
    @Test
    void theFloorsOfProductsAreTheModelsOperations() {
        OperationReport report = operations("cpu");

        double floor = report.operations().stream()
                .filter(operation -> operation.operation().contains("matmul")
                        || operation.operation().startsWith("loss."))
                .mapToDouble(operation -> operation.floorMillis().orElseThrow())
                .sum();
        double operations =
                (double) SEQUENCES * LENGTH * FlopsPerToken.of(MODEL, LENGTH).weights();
        double peak = report.result().peakGflops() * 1e9;
        assertThat(floor).isCloseTo(operations / peak * 1e3, within(1e-9 * floor));
    }

    @Test
    void withoutAMeasuredMachineThereAreTimesAlone() {
        OperationReport report = operations("reference");

        assertThat(report.operations()).isNotEmpty().allSatisfy(operation -> assertThat(operation.floorMillis())
                .isEmpty());
        assertThat(report.step().floorMillis()).isEmpty();
        assertThat(report.result().peakGflops()).isNull();
        assertThat(report.result().shareOfPeak()).isNull();
    }

    private static OperationReport operations(String backend) {
        try (Backend opened = Backends.open(backend, 2)) {
            return new StepBenchmark(MODEL, SEQUENCES, LENGTH, 1, 3).runOperations(opened);
        }
    }
}

package org.sluice.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.sluice.tensor.observation.OperationWork;

class BenchmarkWorkTest {
    /** Every benchmark that JMH knows, with every value of every parameter, runs and calls one operation that has a floor. */
    @TestFactory
    Stream<DynamicTest> everyBenchmarkHasAFloor() {
        return benchmarks().entrySet().stream().flatMap(type -> settings(
                        type.getValue().iterator().next())
                .stream()
                .map(parameters -> DynamicTest.dynamicTest(type.getKey() + parameters, () -> {
                    Map<String, OperationWork> works = BenchmarkWork.of(
                            Class.forName(type.getKey()).asSubclass(OperationBenchmark.class), parameters);
                    assertThat(works.keySet()).isEqualTo(names(type.getValue())).isNotEmpty();
                    assertThat(works)
                            .allSatisfy((name, work) ->
                                    assertThat(work.amount()).as(name).isPositive());
                })));
    }

    @Test
    void theSizesAreThoseOfTheStep() throws ReflectiveOperationException {
        Map<String, OperationWork> products = BenchmarkWork.of(Products.class, Map.of("cores", "1", "weight", "DOWN"));
        assertThat(products.values())
                .hasSize(4)
                .containsOnly(new OperationWork(OperationWork.Unit.FLOATING_POINT_OPERATIONS, 2.0 * 2048 * 384 * 1024));
        Map<String, OperationWork> attention =
                BenchmarkWork.of(Attention.class, Map.of("cores", "1", "tokens", "256", "headDim", "128"));
        assertThat(attention.get("backward").amount()).isEqualTo(10.0 * 128 * (8 * 3 * 256 * 257 / 2));
    }

    @Test
    void aValueThatIsNoneIsRefused() {
        assertThatThrownBy(() -> BenchmarkWork.of(Products.class, Map.of("weight", "SIDEWAYS")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there is no Weight 'SIDEWAYS'; there are: [PROJECTION, ");
    }

    /** JMH's benchmarks by the class that they are in. */
    private static Map<String, List<BenchmarkListEntry>> benchmarks() {
        OutputFormat silent = OutputFormatFactory.createFormatInstance(
                new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8), VerboseMode.SILENT);
        Map<String, List<BenchmarkListEntry>> types = new TreeMap<>();
        for (BenchmarkListEntry benchmark : BenchmarkList.defaultList().getAll(silent, List.of())) {
            types.computeIfAbsent(benchmark.getUserClassQName(), name -> new ArrayList<>())
                    .add(benchmark);
        }
        return types;
    }

    /** All combinations of the values that JMH runs a class with. */
    private static List<Map<String, String>> settings(BenchmarkListEntry benchmark) {
        List<Map<String, String>> settings = new ArrayList<>(List.of(Map.of()));
        for (Map.Entry<String, String[]> parameter : benchmark.getParams().get().entrySet()) {
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> setting : settings) {
                for (String value : parameter.getValue()) {
                    Map<String, String> added = new LinkedHashMap<>(setting);
                    added.put(parameter.getKey(), value);
                    longer.add(added);
                }
            }
            settings = longer;
        }
        return settings;
    }

    private static Set<String> names(List<BenchmarkListEntry> benchmarks) {
        Set<String> names = new TreeSet<>();
        for (BenchmarkListEntry benchmark : benchmarks) {
            names.add(benchmark
                    .getUsername()
                    .substring(benchmark.getUserClassQName().length() + 1));
        }
        return names;
    }
}

package org.sluice.benchmarks;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Benchmark;
import org.sluice.tensor.Backends;
import org.sluice.tensor.observation.ObservedBackend;
import org.sluice.tensor.observation.OperationWork;

/** What the operation of each benchmark has to do at least: that of the call which the benchmark makes, when it is run once. */
final class BenchmarkWork {
    private BenchmarkWork() {}

    /**
     * Runs every benchmark of a class once.
     *
     * @param parameters the values of the class's parameters by their names, as JMH has them
     * @return the work by the benchmark's name, that of its method
     * @throws IllegalStateException if a benchmark does not call exactly one operation
     */
    static Map<String, OperationWork> of(Class<? extends OperationBenchmark> type, Map<String, String> parameters)
            throws ReflectiveOperationException {
        OperationBenchmark benchmark = type.getConstructor().newInstance();
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            Field field = type.getField(parameter.getKey());
            field.set(benchmark, value(field.getType(), parameter.getValue()));
        }
        List<OperationWork> calls = new ArrayList<>();
        benchmark.open(new ObservedBackend(
                Backends.open(Backends.AUTOMATIC, benchmark.cores), (operation, work, nanoseconds) -> calls.add(work)));
        try {
            Map<String, OperationWork> works = new TreeMap<>();
            for (Method method : type.getMethods()) {
                if (method.isAnnotationPresent(Benchmark.class)) {
                    calls.clear();
                    method.invoke(benchmark);
                    works.put(method.getName(), only(calls, type.getSimpleName() + "." + method.getName()));
                }
            }
            return works;
        } finally {
            benchmark.close();
        }
    }

    private static OperationWork only(List<OperationWork> calls, String benchmark) {
        if (calls.size() != 1) {
            throw new IllegalStateException("benchmark " + benchmark + " called " + calls.size()
                    + " operations; it must call exactly 1, whose floor is its own");
        }
        return calls.get(0);
    }

    /** A parameter's value: a whole number, or the constant of that name. */
    private static Object value(Class<?> type, String text) {
        if (type == int.class) {
            return Integer.parseInt(text);
        }
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no " + type.getSimpleName() + " '" + text
                        + "'; there are: " + Arrays.toString(type.getEnumConstants())));
    }
}

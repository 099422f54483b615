package org.sluice.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** What the tests of one family of operations share, and the rules that hold for every operation of every family. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FamilyContract {
    Backend backend;
    Arena arena;
    RandomCases random;
    private int allocated;

    /** Opens the backend under test. */
    abstract Backend open();

    /** The operations of the family with good arguments, large enough that a backend may spread the work over its cores. */
    abstract List<Operation> operations(DType dtype);

    @BeforeAll
    void openBackend() {
        backend = open();
    }

    @AfterAll
    void closeBackend() {
        backend.close();
    }

    @BeforeEach
    void prepare(TestInfo test) {
        random = RandomCases.of(test.getTestClass().orElseThrow().getSimpleName() + "." + test.getDisplayName());
        arena = backend.newArena("contract");
    }

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    /** The floating-point types that the backend computes in. */
    List<DType> dtypes() {
        List<DType> dtypes = Stream.of(DType.values())
                .filter(DType::isFloatingPoint)
                .filter(backend::supports)
                .toList();
        assertThat(dtypes)
                .as("floating-point types of backend %s", backend.name())
                .isNotEmpty();
        return dtypes;
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void everyOperationGivesTheSameBitsAgain(DType dtype) {
        for (Operation operation : operations(dtype)) {
            Map<String, byte[]> before = contents(operation);
            operation.run();
            Map<String, byte[]> first = contents(operation);
            for (int repetition = 0; repetition < 3; repetition++) {
                restore(operation, before);
                operation.run();
                assertSame(operation.name() + " again, on " + dtype, contents(operation), first);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void everyOperationOnlyReadsItsInputs(DType dtype) {
        for (Operation operation : operations(dtype)) {
            Map<String, byte[]> before = contents(operation);
            operation.run();
            Map<String, byte[]> after = contents(operation);
            operation.written().forEach(before::remove);
            operation.written().forEach(after::remove);
            assertSame("inputs of " + operation.name() + " on " + dtype, after, before);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void wrongArgumentsAreRefusedBeforeAnythingIsWritten(DType dtype) {
        for (Operation operation : operations(dtype)) {
            Map<String, byte[]> before = contents(operation);
            operation.arguments().forEach((argument, good) -> {
                refuses(operation, argument, null, "'" + argument + "'", "null");
                refuses(
                        operation,
                        argument,
                        new ForeignTensor("stranger", good.dtype(), good.shape()),
                        "'" + argument + "'",
                        "stranger",
                        backend.name());
                for (DType other : DType.values()) {
                    boolean fits = operation.anyType().contains(argument) && mayHaveType(operation, other);
                    if (other != good.dtype() && !fits) {
                        refuses(
                                operation,
                                argument,
                                arena.allocate("wrong", other, good.shape()),
                                "argument '",
                                "expected");
                    }
                }
                if (!operation.anyShape().contains(argument)) {
                    Tensor longer = arena.allocate("wrong", good.dtype(), Shape.of(good.elements() + 1));
                    refuses(operation, argument, longer, "argument '", "expected");
                }
            });
            assertSame("arguments of " + operation.name() + " after refusals", contents(operation), before);
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void tensorsOfAClosedArenaAreRefused(DType dtype) {
        for (Operation operation : operations(dtype)) {
            Map<String, Tensor> lost = new LinkedHashMap<>();
            try (Arena closed = backend.newArena("closed")) {
                operation
                        .arguments()
                        .forEach((argument, good) ->
                                lost.put(argument, closed.allocate("lost." + argument, good.dtype(), good.shape())));
            }
            lost.forEach((argument, tensor) -> assertThatThrownBy(
                            () -> operation.runWith(argument, tensor),
                            "%s with '%s' of a closed arena",
                            operation.name(),
                            argument)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("lost." + argument, "'closed'"));
        }
    }

    /** Whether an argument that fixes no other's type may itself be of several types. */
    boolean mayHaveType(Operation operation, DType dtype) {
        return dtype.isFloatingPoint() && backend.supports(dtype);
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void outputsMayOverlapOnlyWhatTheContractAllows(DType dtype) {
        for (Operation operation : operations(dtype)) {
            for (String[] pair : operation.writtenPairs()) {
                Tensor output = operation.arguments().get(pair[0]);
                Tensor other = operation.arguments().get(pair[1]);
                if (output.dtype() != other.dtype()) {
                    continue;
                }
                long size = Math.max(output.elements(), other.elements());
                Tensor pool = arena.allocate("pool", output.dtype(), Shape.of(size + 1));
                boolean mayAlias = operation.mayAlias(pair[0], pair[1]);
                Tensor shared = pool.slice(pair[0], mayAlias ? 1 : 0, output.shape());
                Tensor overlapping = pool.slice(pair[1], 0, other.shape());
                if (output.elements() > 1 || !mayAlias) {
                    assertThatThrownBy(
                                    () -> operation.runWith(pair[0], shared, pair[1], overlapping),
                                    "%s with '%s' overlapping '%s'",
                                    operation.name(),
                                    pair[0],
                                    pair[1])
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContainingAll(operation.name(), "overlaps");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dtypes")
    void allowedAliasesGiveTheSameBits(DType dtype) {
        for (Operation operation : operations(dtype)) {
            for (String alias : operation.aliases()) {
                String output = alias.substring(0, alias.indexOf('='));
                String input = alias.substring(alias.indexOf('=') + 1);
                Tensor read = operation.arguments().get(input);
                Tensor copy = arena.allocate(input, read.dtype(), read.shape());
                backend.memory().copy(read, copy);
                Map<String, byte[]> before = contents(operation);
                operation.run();
                Map<String, byte[]> apart = contents(operation);
                restore(operation, before);
                operation.runWith(output, copy, input, copy);
                Map<String, byte[]> together = contents(operation);
                together.put(output, bytes(copy));
                assertSame(operation.name() + " with " + alias, together, apart);
                restore(operation, before);
            }
        }
    }

    private void refuses(Operation operation, String argument, Tensor replacement, String... parts) {
        assertThatThrownBy(
                        () -> operation.runWith(argument, replacement),
                        "%s with '%s' replaced by %s",
                        operation.name(),
                        argument,
                        describe(replacement))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(parts)
                .hasMessageContaining(operation.name());
    }

    private static String describe(Tensor tensor) {
        return tensor == null ? "null" : tensor.dtype() + " " + tensor.shape();
    }

    private void assertSame(String what, Map<String, byte[]> actual, Map<String, byte[]> expected) {
        expected.forEach((argument, bytes) -> assertThat(Arrays.equals(actual.get(argument), bytes))
                .as("%s: '%s' has the same bits, %s", what, argument, random.description())
                .isTrue());
    }

    private Map<String, byte[]> contents(Operation operation) {
        return operation.arguments().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> bytes(entry.getValue()), (a, b) -> a, LinkedHashMap::new));
    }

    private void restore(Operation operation, Map<String, byte[]> contents) {
        contents.forEach((argument, bytes) -> backend.memory()
                .write(ByteBuffer.wrap(bytes), operation.arguments().get(argument), 0));
    }

    byte[] bytes(Tensor tensor) {
        ByteBuffer buffer =
                ByteBuffer.allocate((int) (tensor.elements() * tensor.dtype().bytes()));
        backend.memory().read(tensor, 0, buffer);
        return buffer.array();
    }

    /** A tensor that holds these values. */
    Tensor tensor(DType dtype, double[] values, long... dimensions) {
        Tensor tensor = arena.allocate("tensor" + allocated++, dtype, Shape.of(dimensions));
        backend.memory().writeDoubles(values, tensor);
        return tensor;
    }

    /** A tensor of random values with a standard deviation of 1. */
    Tensor normal(DType dtype, long... dimensions) {
        Shape shape = Shape.of(dimensions);
        return tensor(dtype, random.normal(dtype, (int) shape.elements(), 1), dimensions);
    }

    /** A tensor that an operation must overwrite: it holds NaN. */
    Tensor unset(DType dtype, long... dimensions) {
        Tensor tensor = arena.allocate("tensor" + allocated++, dtype, Shape.of(dimensions));
        backend.memory().fill(tensor, Double.NaN);
        return tensor;
    }

    /** An int32 tensor that holds these values. */
    Tensor integers(int[] values, long... dimensions) {
        Tensor tensor = arena.allocate("tensor" + allocated++, DType.INT32, Shape.of(dimensions));
        backend.memory().writeInts(values, tensor);
        return tensor;
    }

    double[] read(Tensor tensor) {
        return backend.memory().readDoubles(tensor);
    }

    int[] readIntegers(Tensor tensor) {
        int[] values = new int[(int) tensor.elements()];
        ByteBuffer.wrap(bytes(tensor))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer()
                .get(values);
        return values;
    }

    /** Holds a tensor against the loop's values: the norm of the difference relative to that of the values. */
    void assertClose(String what, Tensor actual, double[] expected) {
        assertClose(what, actual, expected, 0);
    }

    /**
     * As {@link #assertClose(String, Tensor, double[])}, for values that are differences of larger ones.
     *
     * @param termSize the typical size of the terms of one value
     */
    void assertClose(String what, Tensor actual, double[] expected, double termSize) {
        double tolerance = actual.dtype() == DType.FLOAT32 ? 1e-5 : 1e-12;
        double[] values = read(actual);
        assertThat(values).as(what).hasSameSizeAs(expected);
        double difference = 0;
        double norm = 0;
        for (int index = 0; index < values.length; index++) {
            difference += (values[index] - expected[index]) * (values[index] - expected[index]);
            norm += expected[index] * expected[index];
        }
        double scale = Math.sqrt(norm) + termSize * Math.sqrt(values.length);
        assertThat(Math.sqrt(difference) <= tolerance * scale)
                .as(
                        "%s, %s %s: |difference| %.3g against |expected| %.3g, relative tolerance %.0e, %s",
                        what,
                        actual.dtype(),
                        actual.shape(),
                        Math.sqrt(difference),
                        Math.sqrt(norm),
                        tolerance,
                        random.description())
                .isTrue();
    }

    /** Holds each value of a tensor against the loop's, relative to the larger of that and 1. */
    void assertEachClose(String what, Tensor actual, double[] expected) {
        double[] found = read(actual);
        double tolerance = actual.dtype() == DType.FLOAT32 ? 1e-5 : 1e-12;
        assertThat(found).as(what).hasSameSizeAs(expected);
        for (int index = 0; index < expected.length; index++) {
            double allowed = tolerance * Math.max(1, Math.abs(expected[index]));
            assertThat(Math.abs(found[index] - expected[index]) <= allowed)
                    .as("%s[%d] is %s, expected %s", what, index, found[index], expected[index])
                    .isTrue();
        }
    }

    /** A call must end in an {@link IllegalArgumentException} that says all this. */
    static void assertRefused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }
}

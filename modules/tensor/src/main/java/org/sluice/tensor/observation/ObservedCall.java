package org.sluice.tensor.observation;

import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** A call of an operation of the contract; its arguments go by the names that they have there. */
final class ObservedCall {
    /** The arguments whose old content counts, so that they are read and written. */
    private static final Map<String, Set<String>> UPDATED = Map.of(
            "normalisation.rmsNormBackward", Set.of("weightGradient"),
            "normalisation.headNormRotaryBackward", Set.of("weightGradient"),
            "normalisation.clip", Set.of("x"),
            "normalisation.clipBackward", Set.of("gradient"),
            "mixture.permuteBackward", Set.of("xGradient"),
            "optimisation.adamW", Set.of("parameters", "firstMoment", "secondMoment"),
            "optimisation.gradientDescent", Set.of("parameters"),
            "memory.addScaled", Set.of("target"));

    private final String operation;
    private final Map<String, Object> arguments = new LinkedHashMap<>();

    ObservedCall(String family, Method method, Object... values) {
        operation = family + "." + method.getName();
        for (int index = 0; index < method.getParameterCount(); index++) {
            Object value = values[index];
            // The call moves a buffer's position.
            Object kept = value instanceof ByteBuffer buffer ? buffer.duplicate() : value;
            arguments.put(method.getParameters()[index].getName(), kept);
        }
    }

    /** The operation's name for {@link OperationObserver#ran}. */
    String name() {
        return switch (operation) {
            case "linearAlgebra.matmul" -> operation + (flag("transposeLeft") ? " dW" : forwardOrInput());
            case "mixture.groupedMatmul" -> operation + forwardOrInput();
            default -> operation;
        };
    }

    private String forwardOrInput() {
        return flag("transposeRight") ? " forward" : " dX";
    }

    /** What the call has to do at least. Only for a call that the operation did not refuse: shapes are taken as the contract's. */
    OperationWork work() {
        return switch (operation) {
            case "linearAlgebra.matmul" -> {
                long inner = tensor("left").elements() / shape("out").dimension(0);
                yield OperationWork.operations(2.0 * inner * tensor("out").elements());
            }
            case "mixture.groupedMatmul" -> product("left", shape("out").dimension(1));
            case "mixture.groupedWeightGradient" ->
                product("outGradient", shape("left").dimension(1));
            case "attention.forward" -> attention(4, 0);
            case "attention.forwardCached" -> attention(4, (int) arguments.get("firstTime"));
            case "attention.backward" -> attention(10, 0);
            case "loss.classifierLoss" -> product("hidden", shape("weight").dimension(0));
            case "loss.classifierLossAndGradient" ->
                product("hidden", 3 * shape("weight").dimension(0));
            default -> OperationWork.bytes(bytes());
        };
    }

    private OperationWork product(String left, long columns) {
        return OperationWork.operations(2.0 * tensor(left).elements() * columns);
    }

    /** @param perValue operations for each pair of positions, head and value of the head's vector */
    private OperationWork attention(int perValue, int firstTime) {
        Shape query = shape("query");
        double time = query.dimension(1);
        double pairs = query.dimension(0) * query.dimension(2) * time * (firstTime + (time + 1) / 2);
        return OperationWork.operations(perValue * query.dimension(3) * pairs);
    }

    private double bytes() {
        double bytes = 0;
        for (Map.Entry<String, Object> argument : arguments.entrySet()) {
            if (argument.getValue() instanceof Tensor tensor) {
                bytes += (double) tensor.dtype().bytes() * elements(argument.getKey(), tensor);
            }
        }
        return bytes;
    }

    /** How many of a tensor's elements are read and written. */
    private long elements(String argument, Tensor tensor) {
        return switch (operation + " " + argument) {
            case "linearAlgebra.embed table" -> tensor("out").elements();
            case "linearAlgebra.embedBackward tableGradient" ->
                2 * tensor("outGradient").elements();
            case "normalisation.rmsNormBackward xGradient" -> (flag("accumulate") ? 2 : 1) * tensor.elements();
            case "gates.gateBackward x" -> added() ? 0 : tensor.elements();
            case "gates.switchHeads x" -> chosen(tensor("out"));
            case "gates.switchHeadsBackward x" -> chosen(tensor("outGradient"));
            case "memory.copyPart source", "memory.copyPart target" -> (long) arguments.get("elements");
            case "memory.write target" ->
                ((ByteBuffer) arguments.get("source")).remaining()
                        / tensor.dtype().bytes();
            case "memory.read source" ->
                ((ByteBuffer) arguments.get("target")).remaining()
                        / tensor.dtype().bytes();
            default -> {
                boolean updated = UPDATED.getOrDefault(operation, Set.of()).contains(argument);
                yield (updated ? 2 : 1) * tensor.elements();
            }
        };
    }

    /** Whether a gate is added, so that its backward needs no value of the forward. */
    private boolean added() {
        return ((GateFunction) arguments.get("function")).combine() == GateCombine.ADDITIVE;
    }

    private long chosen(Tensor heads) {
        return (int) arguments.get("chosenPerHead") * heads.elements();
    }

    private boolean flag(String argument) {
        return (boolean) arguments.get(argument);
    }

    private Tensor tensor(String argument) {
        return (Tensor) arguments.get(argument);
    }

    private Shape shape(String argument) {
        return tensor(argument).shape();
    }
}

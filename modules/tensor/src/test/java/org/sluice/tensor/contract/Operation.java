package org.sluice.tensor.contract;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.sluice.tensor.Tensor;

/**
 * One operation with good arguments, so that rules that hold for every operation can be tried on it: determinism, refusals, aliasing.
 *
 * @param name as messages say it
 * @param arguments by their names in the contract
 * @param written the arguments that the operation writes
 * @param aliases pairs "written=read" of arguments that may be the same memory
 * @param anyShape the arguments whose shape nothing else fixes
 * @param anyType the arguments whose type nothing else fixes
 * @param call runs the operation on the tensors that a look-up by argument name gives
 */
record Operation(
        String name,
        Map<String, Tensor> arguments,
        Set<String> written,
        Set<String> aliases,
        Set<String> anyShape,
        Set<String> anyType,
        Consumer<Function<String, Tensor>> call) {

    static Builder named(String name) {
        return new Builder(name);
    }

    void run() {
        call.accept(arguments::get);
    }

    void runWith(String argument, Tensor replacement) {
        call.accept(name -> name.equals(argument) ? replacement : arguments.get(name));
    }

    void runWith(String argument, Tensor replacement, String other, Tensor otherReplacement) {
        call.accept(name ->
                name.equals(argument) ? replacement : name.equals(other) ? otherReplacement : arguments.get(name));
    }

    /** The pairs of a written argument and any other. */
    List<String[]> writtenPairs() {
        List<String[]> pairs = new ArrayList<>();
        for (String output : written) {
            for (String other : arguments.keySet()) {
                if (!output.equals(other)) {
                    pairs.add(new String[] {output, other});
                }
            }
        }
        return pairs;
    }

    boolean mayAlias(String left, String right) {
        return aliases.contains(left + "=" + right) || aliases.contains(right + "=" + left);
    }

    /** Collects an operation's arguments in order. */
    static final class Builder {
        private final String name;
        private final Map<String, Tensor> arguments = new LinkedHashMap<>();
        private final Set<String> written = new TreeSet<>();
        private final Set<String> aliases = new TreeSet<>();
        private final Set<String> anyShape = new TreeSet<>();
        private final Set<String> anyType = new TreeSet<>();

        private Builder(String name) {
            this.name = name;
        }

        Builder reads(String argument, Tensor tensor) {
            arguments.put(argument, tensor);
            return this;
        }

        Builder writes(String argument, Tensor tensor) {
            written.add(argument);
            return reads(argument, tensor);
        }

        Builder mayBe(String output, String input) {
            aliases.add(output + "=" + input);
            return this;
        }

        Builder anyShape(String argument) {
            anyShape.add(argument);
            return this;
        }

        Builder anyType(String argument) {
            anyType.add(argument);
            return this;
        }

        Operation calling(Consumer<Function<String, Tensor>> call) {
            return new Operation(name, arguments, written, aliases, anyShape, anyType, call);
        }
    }
}

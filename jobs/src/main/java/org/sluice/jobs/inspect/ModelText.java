package org.sluice.jobs.inspect;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.sluice.experiments.report.ModelInWords;
import org.sluice.experiments.report.TextTable;
import org.sluice.model.ParameterCounts;
import org.sluice.training.ReplicaMemory;

/** A model for a person to read. */
final class ModelText {
    private final InspectedModel inspected;
    private final List<String> lines = new ArrayList<>();

    private ModelText(InspectedModel inspected) {
        this.inspected = inspected;
    }

    static String of(InspectedModel inspected) {
        ModelText text = new ModelText(inspected);
        text.head();
        text.shapes();
        text.parts();
        text.cost();
        return String.join(System.lineSeparator(), text.lines);
    }

    /** A line a name. */
    static String list() {
        int width = NamedModels.names().stream().mapToInt(String::length).max().orElse(0);
        return NamedModels.ALL.stream()
                .map(entry -> entry.name() + " ".repeat(width - entry.name().length() + 2) + listed(entry))
                .collect(Collectors.joining(System.lineSeparator()));
    }

    private static String listed(NamedModel entry) {
        return entry.row()
                .map(row -> row.preset() + "; " + row.description() + "; in the paper " + row.training() + ": "
                        + row.result())
                .orElse(entry.description());
    }

    private void head() {
        boolean preset = inspected.entry().kind() == NamedModel.Kind.PRESET;
        lines.add(inspected.entry().name()
                + (preset ? "" : ": " + inspected.entry().description()));
        lines.add("  " + inspected.origin() + ": " + ModelInWords.of(inspected.model()));
        int narrowed = inspected.base().ffn() - inspected.model().ffn();
        if (narrowed > 0) {
            lines.add("  feed-forward layers narrowed from " + inspected.base().ffn()
                    + ", to have the parameters of the model without the change");
        }
        inspected
                .entry()
                .row()
                .ifPresent(row -> lines.add("  in the paper, full size: " + row.training() + ": " + row.result()));
    }

    private void shapes() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("parameter", "shape", "numbers", "times", "in all"));
        for (InspectedModel.Tensors tensors : inspected.tensors()) {
            rows.add(List.of(
                    tensors.name(),
                    tensors.shape().toString(),
                    number(tensors.shape().elements()),
                    number(tensors.copies()),
                    number(tensors.elements())));
        }
        table(rows);
    }

    private void parts() {
        ParameterCounts counts = inspected.counts();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("parameters", "numbers", "share"));
        counts.parts().forEach((part, parameters) -> {
            if (parameters > 0) {
                rows.add(List.of(
                        part.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        number(parameters),
                        String.format(Locale.ROOT, "%.2f %%", 100.0 * parameters / counts.total())));
            }
        });
        rows.add(List.of("total", number(counts.total()), ""));
        rows.add(List.of("met by one token", number(counts.active()), ""));
        if (inspected.entry().kind() != NamedModel.Kind.PRESET) {
            rows.add(List.of(
                    "added to the preset", String.format(Locale.ROOT, "%+,d", inspected.addedParameters()), ""));
        }
        table(rows);
    }

    private void cost() {
        String sequence = "a sequence of " + number(inspected.length());
        table(List.of(
                List.of("operations for a token of " + sequence + ", forward and backward", "10^9"),
                List.of("products with weights", billions(inspected.flops().weights())),
                List.of("attention", billions(inspected.flops().attention())),
                List.of("total", billions(inspected.flops().total()))));
        ReplicaMemory memory = inspected.memory();
        table(List.of(
                List.of("memory of a replica in training, 32 bits, " + sequence + " at a time", "bytes", "GiB"),
                memory("parameters", memory.parameters()),
                memory("gradients", memory.gradients()),
                memory("optimizer state", memory.optimizerState()),
                memory("activations", memory.activations()),
                memory("rest", memory.rest()),
                memory("total", memory.total())));
    }

    private static List<String> memory(String part, long bytes) {
        return List.of(part, number(bytes), String.format(Locale.ROOT, "%.2f", bytes / (double) (1L << 30)));
    }

    private void table(List<List<String>> rows) {
        lines.add("");
        TextTable.lines(rows).forEach(line -> lines.add("  " + line));
    }

    private static String billions(long operations) {
        return String.format(Locale.ROOT, "%.3f", operations / 1e9);
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}

package org.sluice.jobs.bench;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.sluice.experiments.report.TextTable;

/**
 * What a training step's time goes to.
 *
 * @param result of the whole step
 * @param operations the kinds of operations, the one that takes longest first
 * @param between the rest of the step, in which no operation runs
 * @param step the whole step, the mean of the timed steps; its floor is the sum of the operations' floors
 */
public record OperationReport(
        BenchmarkResult result, List<OperationTime> operations, OperationTime between, OperationTime step) {

    static OperationReport of(BenchmarkResult result, List<OperationTime> operations, double stepMillis) {
        double millis = operations.stream().mapToDouble(OperationTime::millis).sum();
        double calls = operations.stream().mapToDouble(OperationTime::calls).sum();
        boolean measured = operations.stream()
                .anyMatch(operation -> operation.floorMillis().isPresent());
        double floor = operations.stream()
                .mapToDouble(operation -> operation.floorMillis().orElse(0))
                .sum();
        double rest = stepMillis - millis;
        return new OperationReport(
                result,
                List.copyOf(operations),
                new OperationTime("between operations", 0, rest, rest / stepMillis, OptionalDouble.empty()),
                new OperationTime(
                        "whole step",
                        calls,
                        stepMillis,
                        1,
                        measured ? OptionalDouble.of(floor) : OptionalDouble.empty()));
    }

    /** A table for a person to read; without the columns of floors where the machine was not measured. */
    public List<String> table() {
        boolean floors = step.floorMillis().isPresent();
        List<List<String>> rows = new ArrayList<>();
        List<String> titles = List.of("operations of a step", "calls", "ms", "share", "floor ms", "of the floor");
        rows.add(floors ? titles : titles.subList(0, 4));
        List<OperationTime> lines = new ArrayList<>(operations);
        lines.add(between);
        lines.add(step);
        lines.forEach(line -> rows.add(floors ? cells(line) : cells(line).subList(0, 4)));
        return TextTable.lines(rows);
    }

    private static List<String> cells(OperationTime line) {
        DecimalFormat calls = new DecimalFormat("0.#", DecimalFormatSymbols.getInstance(Locale.ROOT));
        return List.of(
                line.operation(),
                line.calls() == 0 ? "" : calls.format(line.calls()),
                number("%.3f", line.millis()),
                number("%.1f %%", 100 * line.share()),
                line.floorMillis().isPresent()
                        ? number("%.3f", line.floorMillis().getAsDouble())
                        : "",
                line.shareOfFloor().isPresent()
                        ? number("%.0f %%", 100 * line.shareOfFloor().getAsDouble())
                        : "");
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}

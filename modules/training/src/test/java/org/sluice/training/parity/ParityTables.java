package org.sluice.training.parity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The tables of {@code docs/parity.md}: the largest difference of each quantity in each family of models. */
final class ParityTables {
    private static final String BEGIN = "<!-- the tables are made by ParityTest -->\n";
    private static final String END = "<!-- the end of the tables -->\n";

    private ParityTables() {}

    /**
     * What is compared with PyTorch.
     *
     * @param differences of a case
     */
    record Source(String words, Function<ParityCase, List<Difference>> differences) {}

    /** How far PyTorch's float32 is from its own float64. */
    static Source rounding() {
        return new Source("PyTorch in float64", parity -> {
            List<Difference> differences = new ArrayList<>();
            for (Quantity quantity : Quantity.values()) {
                String key = "rounding." + quantity.key();
                if (parity.settings().containsKey(key)) {
                    differences.add(new Difference(quantity, quantity.words(), parity.number(key)));
                }
            }
            return differences;
        });
    }

    /**
     * A table with a column for each quantity, and a row for each family and source.
     *
     * @param type what PyTorch computed in
     */
    static String table(String type, List<ParityCase> cases, List<Quantity> quantities, List<Source> sources) {
        Map<String, List<ParityCase>> families =
                cases.stream().collect(Collectors.groupingBy(ParityCase::family, TreeMap::new, Collectors.toList()));
        StringBuilder table = new StringBuilder("| models | cases | PyTorch in " + type + " against |");
        quantities.forEach(
                quantity -> table.append(" ").append(quantity.words()).append(" |"));
        table.append("\n| --- | --- | --- |").append(" --- |".repeat(quantities.size()));
        families.forEach((family, members) -> {
            String first = family + " | " + members.size();
            for (Source source : sources) {
                table.append("\n| ")
                        .append(first)
                        .append(" | ")
                        .append(source.words())
                        .append(" |");
                first = " | ";
                for (Quantity quantity : quantities) {
                    table.append(" ").append(largest(members, quantity, source)).append(" |");
                }
            }
        });
        return table.append("\n").toString();
    }

    private static String largest(List<ParityCase> cases, Quantity quantity, Source source) {
        return cases.stream()
                .flatMap(parity -> source.differences().apply(parity).stream())
                .filter(difference -> difference.quantity() == quantity)
                .map(Difference::relative)
                .max(Comparator.naturalOrder())
                .map(relative -> String.format(Locale.ROOT, "%.1e", relative))
                .orElse("");
    }

    /** The tables in a page. */
    static String in(String page) {
        return page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));
    }

    /** The page with other tables. */
    static String replaced(String page, String tables) {
        return page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + tables + page.substring(page.indexOf(END));
    }

    /** Tables without their numbers, which differ from one kind of CPU to another. */
    static String structure(String tables) {
        return tables.replaceAll("\\d\\.\\de[-+]\\d\\d", "#");
    }
}

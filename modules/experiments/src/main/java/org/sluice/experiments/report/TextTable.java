package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;

/** Lines up columns of text: the first to the left, the others to the right. */
public final class TextTable {
    private static final String GAP = "  ";

    private TextTable() {}

    /**
     * The lines of a table: titles, a rule, and a line a row, without trailing blanks.
     *
     * @param rows the titles first; all of the same size
     */
    public static List<String> lines(List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], width(printable(row.get(column))));
            }
        }
        int ruled = (widths.length - 1) * GAP.length();
        for (int width : widths) {
            ruled += width;
        }
        List<String> lines = new ArrayList<>();
        rows.forEach(row -> lines.add(line(row, widths)));
        lines.add(1, "-".repeat(ruled));
        return lines;
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String value = printable(row.get(column));
            String padding = " ".repeat(widths[column] - width(value));
            line.append(column == 0 ? value + padding : GAP + padding + value);
        }
        return line.toString().stripTrailing();
    }

    /** A name must not move the cursor or break the line. */
    private static String printable(String value) {
        return value.replaceAll("\\p{Cntrl}", "?");
    }

    private static int width(String value) {
        return value.codePointCount(0, value.length());
    }
}

package org.sluice.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Guesses what a mistyped name was meant to be. */
public final class Nearest {
    private static final int SUGGESTIONS = 2;

    private Nearest() {}

    /**
     * The known names that take the fewest changes of letters, nearest first: at most two, and none that takes changes of more than half of
     * the longer name's letters.
     */
    public static List<String> to(String name, Collection<String> known) {
        return known.stream()
                .filter(candidate -> editDistance(name, candidate) <= Math.max(name.length(), candidate.length()) / 2)
                .sorted(Comparator.comparingInt(candidate -> editDistance(name, candidate)))
                .limit(SUGGESTIONS)
                .toList();
    }

    /** {@code "; did you mean 'x' or 'y'?"}, or nothing. */
    public static String suggestion(String name, Collection<String> known) {
        List<String> nearest = to(name, known);
        return nearest.isEmpty()
                ? ""
                : nearest.stream()
                        .map(one -> "'" + one + "'")
                        .collect(Collectors.joining(" or ", "; did you mean ", "?"));
    }

    /**
     * Checks a name.
     *
     * @param kind what it names: {@code variant}
     * @throws IllegalArgumentException if it is not known; the message says which are the nearest, and lists all
     */
    public static void requireKnown(String kind, String name, Collection<String> known) {
        if (!known.contains(name)) {
            throw new IllegalArgumentException("there is no " + kind + " '" + name + "'" + suggestion(name, known)
                    + " (there are: " + String.join(", ", known) + ")");
        }
    }

    /** Levenshtein's distance, a row of the table at a time. */
    static int editDistance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int substituted = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.length()];
    }
}

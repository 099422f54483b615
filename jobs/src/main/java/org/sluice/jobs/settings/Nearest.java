package org.sluice.jobs.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Guesses what a mistyped word was meant to be. */
public final class Nearest {
    private Nearest() {}

    /** The known word that takes the fewest changes of letters, if that is at most half of the longer word's letters. */
    public static Optional<String> to(String word, Collection<String> known) {
        LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
        return known.stream()
                .filter(candidate -> distance.apply(word, candidate) <= Math.max(word.length(), candidate.length()) / 2)
                .min(Comparator.comparingInt(candidate -> distance.apply(word, candidate)));
    }

    /** {@code "; did you mean 'x'?"}, or nothing. */
    public static String suggestion(String word, Collection<String> known) {
        return to(word, known)
                .map(nearest -> "; did you mean '" + nearest + "'?")
                .orElse("");
    }
}

package org.sluice.evaluation.generation;

import java.util.List;

/**
 * Looks for stop strings in text that comes in pieces. What might be the beginning of one is held back.
 *
 * <p>The text ends before the stop string that is complete first; of several that are complete at the same character, before the longest.
 * So the pieces in which the text comes do not matter.
 */
final class StopScan {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    /** @param stops none of them empty */
    StopScan(List<String> stops) {
        this.stops = stops;
    }

    /** Whether a stop string was found; nothing comes out after that. */
    boolean found() {
        return found;
    }

    /** Takes a piece of text, and returns what is now known to be in front of any stop string. */
    String add(String piece) {
        if (found) {
            return "";
        }
        held.append(piece);
        int end = Integer.MAX_VALUE;
        int start = 0;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            int behind = at + stop.length();
            if (at >= 0 && (behind < end || (behind == end && at < start))) {
                end = behind;
                start = at;
            }
        }
        found = end < Integer.MAX_VALUE;
        return take(found ? start : held.length() - beginningAtEnd());
    }

    /** What was held back, at the end of the text; empty if a stop string was found. */
    String rest() {
        return found ? "" : take(held.length());
    }

    private String take(int length) {
        String taken = held.substring(0, length);
        held.delete(0, length);
        return taken;
    }

    /** The length of the longest end of the text that a stop string begins with. */
    private int beginningAtEnd() {
        int longest = 0;
        for (String stop : stops) {
            int length = Math.min(stop.length() - 1, held.length());
            while (length > longest && !stop.startsWith(held.substring(held.length() - length))) {
                length--;
            }
            longest = Math.max(longest, length);
        }
        return longest;
    }
}

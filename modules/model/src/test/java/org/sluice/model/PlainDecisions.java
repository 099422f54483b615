package org.sluice.model;

import java.util.ArrayList;
import java.util.List;

/**
 * What a pass of the twin decided where its formulas jump or have a kink: which experts it took, which values it clipped. Between two
 * passes with the same decisions all is smooth; a comparison of gradients holds only there.
 */
final class PlainDecisions {
    private final List<Integer> taken = new ArrayList<>();
    private double margin = Double.POSITIVE_INFINITY;

    /** The indices of the largest of {@code scores}, the largest first; of equal ones that with the lower index first. */
    int[] largest(double[] scores, int count) {
        boolean[] used = new boolean[scores.length];
        int[] chosen = new int[count];
        for (int j = 0; j < count; j++) {
            chosen[j] = -1;
            for (int i = 0; i < scores.length; i++) {
                if (!used[i] && (chosen[j] < 0 || scores[i] > scores[chosen[j]])) {
                    chosen[j] = i;
                }
            }
            used[chosen[j]] = true;
            taken.add(chosen[j]);
        }
        for (int i = 0; i < scores.length; i++) {
            if (!used[i]) {
                margin = Math.min(margin, scores[chosen[count - 1]] - scores[i]);
            }
        }
        return chosen;
    }

    /** {@code x} within {@code -bound..bound}. */
    double clipped(double x, double bound) {
        double distance = Math.abs(x) - bound;
        // What was clipped before and to which nothing was added stands exactly at the bound, whatever the parameters
        // are.
        margin = distance == 0 ? margin : Math.min(margin, Math.abs(distance));
        taken.add((int) Math.signum(distance));
        return Math.max(-bound, Math.min(bound, x));
    }

    /** All decisions in the order in which they were made. */
    List<Integer> taken() {
        return taken;
    }

    /** How far the nearest alternative to any decision was. */
    double margin() {
        return margin;
    }
}

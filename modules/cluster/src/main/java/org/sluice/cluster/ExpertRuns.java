package org.sluice.cluster;

import java.util.ArrayList;
import java.util.List;
import org.sluice.model.ExpertCounts;
import org.sluice.model.ExpertRange;

/**
 * Where the parameters of experts lie in the slices. An expert may begin in one slice and end in another.
 *
 * @param ranges of the flat space, ascending and disjoint; none for a dense model
 */
record ExpertRuns(SliceLayout layout, List<ExpertRange> ranges) {

    /**
     * The parts of a slice that belong to experts, in order.
     *
     * @param counts the rows of each expert
     */
    List<ExpertRun> of(int slice, ExpertCounts counts) {
        long offset = layout.offset(slice);
        long end = offset + layout.length(slice);
        List<ExpertRun> runs = new ArrayList<>();
        for (int at = firstThatEndsBehind(offset);
                at < ranges.size() && ranges.get(at).from() < end;
                at++) {
            ExpertRange range = ranges.get(at);
            runs.add(new ExpertRun(
                    (int) (Math.max(range.from(), offset) - offset),
                    (int) (Math.min(range.to(), end) - offset),
                    counts.at(range.layer(), range.expert())));
        }
        return List.copyOf(runs);
    }

    /**
     * The parts of a slice that is followed by others of the same elements.
     *
     * @param runs the parts of one
     * @param length its elements
     * @param times how many there are
     */
    static List<ExpertRun> repeated(List<ExpertRun> runs, int length, int times) {
        List<ExpertRun> repeated = new ArrayList<>();
        for (int time = 0; time < times; time++) {
            int offset = time * length;
            runs.forEach(run -> repeated.add(new ExpertRun(run.from() + offset, run.to() + offset, run.rows())));
        }
        return List.copyOf(repeated);
    }

    private int firstThatEndsBehind(long element) {
        int low = 0;
        int high = ranges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ranges.get(middle).to() > element) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}

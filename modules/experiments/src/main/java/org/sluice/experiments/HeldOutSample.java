package org.sluice.experiments;

import java.util.ArrayList;
import java.util.List;
import org.sluice.data.DatasetManifest.DomainRange;

/** Which held-out blocks an evaluation reads: all, or of each domain as many as its share of the limit, at even distances. */
final class HeldOutSample {
    private HeldOutSample() {}

    /**
     * Chooses blocks.
     *
     * @param ranges where each domain's blocks are
     * @param limit about how many to choose; exceeded only where every domain's one block, or rounding, takes more
     * @return their numbers, domain after domain
     */
    static List<Long> choose(List<DomainRange> ranges, long limit) {
        long total = ranges.stream().mapToLong(DomainRange::blocks).sum();
        List<Long> numbers = new ArrayList<>();
        for (DomainRange range : ranges) {
            long quota =
                    total <= limit ? range.blocks() : Math.max(1, Math.round((double) limit * range.blocks() / total));
            for (long index = 0; index < quota; index++) {
                numbers.add(range.firstBlock() + (long) ((index + 0.5) * range.blocks() / quota));
            }
        }
        return numbers;
    }
}

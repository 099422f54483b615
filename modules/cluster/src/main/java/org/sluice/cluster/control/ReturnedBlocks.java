package org.sluice.cluster.control;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Blocks that were dealt but not counted, and are dealt again.
 *
 * @param refusals how often a change of parameters that they were part of was refused
 * @param worker who had them last
 */
public record ReturnedBlocks(Positions positions, int refusals, int worker) implements Serializable {

    /** A part of them. */
    ReturnedBlocks part(long from, long to) {
        return new ReturnedBlocks(new Positions(from, to), refusals, worker);
    }

    /** Whether another piece goes on where this ends, with the same past. */
    private boolean continuesIn(ReturnedBlocks next) {
        return positions.to() == next.positions().from() && refusals == next.refusals() && worker == next.worker();
    }

    /** The same blocks as if they had never been dealt. */
    public ReturnedBlocks withoutPast() {
        return new ReturnedBlocks(positions, 0, 0);
    }

    /** The same pieces in ascending order; what follows on another with the same past is one piece with it. */
    public static List<ReturnedBlocks> joined(List<ReturnedBlocks> pieces) {
        List<ReturnedBlocks> joined = new ArrayList<>();
        pieces.stream()
                .sorted(Comparator.comparingLong(piece -> piece.positions().from()))
                .forEach(piece -> {
                    int last = joined.size() - 1;
                    if (last >= 0 && joined.get(last).continuesIn(piece)) {
                        joined.set(last, joined.get(last).joined(piece));
                    } else {
                        joined.add(piece);
                    }
                });
        return joined;
    }

    /** This and a piece that goes on where it ends. */
    private ReturnedBlocks joined(ReturnedBlocks next) {
        return part(positions.from(), next.positions().to());
    }
}

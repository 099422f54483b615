package org.sluice.cluster.control;

import java.io.Serializable;

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
    boolean continuesIn(ReturnedBlocks next) {
        return positions.to() == next.positions().from() && refusals == next.refusals() && worker == next.worker();
    }

    /** This and a piece that goes on where it ends. */
    ReturnedBlocks joined(ReturnedBlocks next) {
        return part(positions.from(), next.positions().to());
    }
}

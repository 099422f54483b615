package org.sluice.cluster.control;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Who trains on which blocks in one round, by arithmetic alone.
 *
 * <p>The round's blocks stand in a row: first those that are dealt again, then fresh ones. Step {@code s} of the round takes the row's blocks
 * {@code s * B} to {@code (s + 1) * B}, the last step what is left. Of a step's {@code n} blocks rank {@code r} of {@code W} takes the
 * contiguous share from {@code floor(r * n / W)} to {@code floor((r + 1) * n / W)}; shares differ by at most one block. So the blocks of a
 * round do not depend on how many workers there are.
 *
 * @param again what is dealt again, ascending
 * @param freshFrom the first fresh position
 * @param freshTo behind the last
 * @param blocksPerStep {@code B}
 * @param crew the workers that take part, ascending
 * @param rotation how far the ranks are turned against the crew: the worker at index {@code i} has rank {@code (i + rotation) mod W}
 */
public record Deal(
        List<ReturnedBlocks> again, long freshFrom, long freshTo, int blocksPerStep, List<Integer> crew, int rotation)
        implements Serializable {

    /** All blocks of the round. */
    public long blocks() {
        return count(again) + freshTo - freshFrom;
    }

    static long count(List<ReturnedBlocks> pieces) {
        long count = 0;
        for (ReturnedBlocks piece : pieces) {
            count += piece.positions().count();
        }
        return count;
    }

    /** The steps of the round. */
    public int steps() {
        return (int) ((blocks() + blocksPerStep - 1) / blocksPerStep);
    }

    /** The share of a worker in a step, in order; empty if the step has too few blocks for all. */
    public List<Positions> share(int step, int worker) {
        return pieces(step, worker).stream().map(ReturnedBlocks::positions).toList();
    }

    /** All that a worker is dealt in the round, step after step. */
    public List<ReturnedBlocks> all(int worker) {
        List<ReturnedBlocks> all = new ArrayList<>();
        for (int step = 0; step < steps(); step++) {
            all.addAll(pieces(step, worker));
        }
        return all;
    }

    /** Whether a worker is dealt anything. */
    public boolean deals(int worker) {
        int rank = rank(worker);
        long first = Math.min(blocksPerStep, blocks());
        return rank * first / crew.size() < (rank + 1) * first / crew.size();
    }

    private int rank(int worker) {
        int index = Collections.binarySearch(crew, worker);
        if (index < 0) {
            throw new IllegalArgumentException("worker " + worker + " is not of the crew " + crew);
        }
        return (index + rotation) % crew.size();
    }

    private List<ReturnedBlocks> pieces(int step, int worker) {
        long begin = (long) step * blocksPerStep;
        long size = Math.min(blocksPerStep, blocks() - begin);
        long rank = rank(worker);
        return pieces(begin + rank * size / crew.size(), begin + (rank + 1) * size / crew.size(), worker);
    }

    /** What lies in a part of the row. */
    private List<ReturnedBlocks> pieces(long from, long to, int worker) {
        List<ReturnedBlocks> pieces = new ArrayList<>();
        long at = 0;
        for (ReturnedBlocks piece : again) {
            Positions positions = piece.positions();
            long first = Math.max(from, at);
            long last = Math.min(to, at + positions.count());
            if (first < last) {
                pieces.add(piece.part(positions.from() + first - at, positions.from() + last - at));
            }
            at += positions.count();
        }
        if (to > at && to > from) {
            long first = Math.max(from, at);
            pieces.add(new ReturnedBlocks(new Positions(freshFrom + first - at, freshFrom + to - at), 0, worker));
        }
        return pieces;
    }

    /** How many pieces that were refused would go to the worker that they were refused from. */
    int repeats() {
        int repeats = 0;
        for (int worker : crew) {
            for (ReturnedBlocks piece : againOf(worker)) {
                if (piece.refusals() > 0 && piece.worker() == worker) {
                    repeats++;
                }
            }
        }
        return repeats;
    }

    private List<ReturnedBlocks> againOf(int worker) {
        return again.isEmpty() ? List.of() : all(worker);
    }
}

package org.sluice.cluster.control;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which blocks are counted: all positions before {@code next} but those that were returned. Together with a round's {@link Deal} it makes
 * sure that every position is counted once, however many workers come and go.
 *
 * @param next the first position that was never dealt
 * @param returned what was dealt but not counted, ascending and disjoint
 */
public record BlockLedger(long next, List<ReturnedBlocks> returned) implements Serializable {
    /** Nothing is counted yet. */
    public static final BlockLedger START = new BlockLedger(0, List.of());

    public BlockLedger {
        returned = List.copyOf(returned);
    }

    /** The blocks that are counted. */
    public long counted() {
        return next - Deal.count(returned);
    }

    /**
     * Deals the blocks of the next round: what was returned first, and then fresh ones. Blocks that were refused go to another worker than
     * before, as far as there is one.
     *
     * @param end behind the last position of the training
     * @param crew the workers that take part, ascending
     */
    public Deal deal(long end, int blocksPerStep, int localSteps, List<Integer> crew) {
        long wanted = Math.min((long) blocksPerStep * localSteps, end - counted());
        if (wanted <= 0 || crew.isEmpty()) {
            throw new IllegalStateException(
                    counted() + " of " + end + " blocks are counted, and the crew is " + crew + ": nothing to deal");
        }
        List<ReturnedBlocks> again = new ArrayList<>();
        long left = wanted;
        for (ReturnedBlocks piece : returned) {
            if (left > 0) {
                long count = Math.min(left, piece.positions().count());
                again.add(piece.part(piece.positions().from(), piece.positions().from() + count));
                left -= count;
            }
        }
        return elsewhere(new Deal(List.copyOf(again), next, next + left, blocksPerStep, List.copyOf(crew), 0));
    }

    private static Deal elsewhere(Deal deal) {
        Deal best = deal;
        int fewest = deal.again().stream().noneMatch(piece -> piece.refusals() > 0) ? 0 : deal.repeats();
        for (int rotation = 1; rotation < deal.crew().size() && fewest > 0; rotation++) {
            Deal turned = new Deal(
                    deal.again(), deal.freshFrom(), deal.freshTo(), deal.blocksPerStep(), deal.crew(), rotation);
            int repeats = turned.repeats();
            if (repeats < fewest) {
                best = turned;
                fewest = repeats;
            }
        }
        return best;
    }

    /**
     * The ledger after a round.
     *
     * @param deal what {@link #deal} gave
     * @param uncounted the workers whose blocks are not counted, each with whether its change was refused
     */
    public BlockLedger settle(Deal deal, Map<Integer, Boolean> uncounted) {
        List<ReturnedBlocks> pieces = new ArrayList<>(undealt(deal));
        uncounted.forEach((worker, refused) -> deal.all(worker)
                .forEach(piece -> pieces.add(
                        new ReturnedBlocks(piece.positions(), piece.refusals() + (refused ? 1 : 0), worker))));
        return new BlockLedger(deal.freshTo(), ReturnedBlocks.joined(pieces));
    }

    /** What was returned before and did not fit into the round. */
    private List<ReturnedBlocks> undealt(Deal deal) {
        List<ReturnedBlocks> left = new ArrayList<>();
        long dealt = Deal.count(deal.again());
        for (ReturnedBlocks piece : returned) {
            long count = piece.positions().count();
            long skipped = Math.min(dealt, count);
            dealt -= skipped;
            if (skipped < count) {
                left.add(piece.part(
                        piece.positions().from() + skipped, piece.positions().to()));
            }
        }
        return left;
    }
}

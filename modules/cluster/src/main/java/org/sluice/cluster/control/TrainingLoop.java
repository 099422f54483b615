package org.sluice.cluster.control;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * The driver's part of a training: round after round from the beginning or a checkpoint to the end, whatever is lost on the way. It knows
 * neither Spark nor models, so that a simulation runs this very code.
 *
 * <p>Where the number of workers is fixed, a loss sends all workers back to the newest checkpoint, and what is trained again gets the same
 * bits. Where it is not, the round goes on with those that are left, if they are enough; the blocks of the others are dealt again.
 *
 * @param <R> what workers report
 */
public final class TrainingLoop<R> {
    private final RunShape shape;
    private final RoundPolicy policy;
    private final Fleet<R> fleet;
    private final Journal<R> journal;
    private final BooleanSupplier stopRequested;
    private final Set<Integer> holders = new HashSet<>();
    private Milestone milestone;
    private Optional<InFlight<R>> inFlight = Optional.empty();
    private int recoveries;
    private int failuresInARow;
    private long furthest;

    public TrainingLoop(
            RunShape shape,
            RoundPolicy policy,
            Fleet<R> fleet,
            Journal<R> journal,
            Milestone start,
            BooleanSupplier stopRequested) {
        this.shape = shape;
        this.policy = policy;
        this.fleet = fleet;
        this.journal = journal;
        this.milestone = start;
        this.furthest = start.round();
        this.stopRequested = stopRequested;
    }

    /** What is done. */
    public Milestone milestone() {
        return milestone;
    }

    /** How often training went back to a checkpoint. */
    public int recoveries() {
        return recoveries;
    }

    /**
     * Trains until all blocks are counted or a stop is requested, and leaves a checkpoint of what is done.
     *
     * @throws TrainingStoppedException if it fails again and again without getting further, or the same blocks are refused again and again
     * @throws IOException if the run's folder cannot be read or written
     */
    public void run() throws IOException {
        while (true) {
            try {
                generation();
                return;
            } catch (FleetException failure) {
                goBack(failure);
            } finally {
                fleet.dismiss();
            }
        }
    }

    private void generation() throws IOException {
        List<Integer> crew = fleet.muster(shape.minWorkers(), shape.workers());
        journal.begins(milestone, crew);
        holders.clear();
        holders.addAll(fleet.load(milestone, crew));
        inFlight = Optional.empty();
        boolean goesOn = !isDone() && !stopRequested.getAsBoolean();
        while (goesOn) {
            goesOn = round(crew);
            if (goesOn) {
                if (shape.isCheckpointDue(milestone.round())) {
                    fleet.checkpoint(milestone, Set.copyOf(holders), false);
                }
                crew = fleet.muster(shape.minWorkers(), shape.workers());
            }
        }
        fleet.checkpoint(milestone, Set.copyOf(holders), true);
    }

    private boolean isDone() {
        return milestone.ledger().counted() == shape.blocks();
    }

    /** Does a round; returns whether another one comes. */
    private boolean round(List<Integer> crew) throws IOException {
        double begin = fleet.seconds();
        Deal deal = milestone.ledger().deal(shape.blocks(), shape.blocksPerStep(), shape.localSteps(), crew);
        Set<Integer> fresh = new TreeSet<>(crew);
        fresh.removeAll(holders);
        RoundPlan plan = new RoundPlan(
                milestone,
                milestone.step(shape.blocksPerStep()),
                deal,
                inFlight.map(before -> before.portion().fragments()).orElse(Set.of()),
                fresh);
        Round<R> round = new Round<>(plan, policy, fleet, shape);
        round.train();
        inFlight.ifPresent(InFlight::land);
        round.collect(begin);
        Portion portion = shape.portion(plan.nextVersion(), mustBeWhole(plan, round));
        if (portion.overlapped()) {
            inFlight = Optional.of(new InFlight<>(round, portion));
        } else {
            inFlight = Optional.empty();
            round.exchange(portion);
        }
        BlockLedger ledger = milestone.ledger().settle(deal, round.returned());
        Milestone after = new Milestone(plan.nextVersion(), ledger, milestone.seconds() + fleet.seconds() - begin);
        journal.round(plan, after, round.reports(), round.uncounted(), fleet.seconds() - begin);
        milestone = after;
        holders.clear();
        crew.stream()
                .filter(worker -> deal.deals(worker) && !round.uncounted().containsKey(worker))
                .forEach(holders::add);
        requireFewRefusals(round);
        return !isDone() && !(isWhole(portion) && stopRequested.getAsBoolean());
    }

    /** A checkpoint holds a version and nothing that workers have beside it. */
    private boolean mustBeWhole(RoundPlan plan, Round<R> round) {
        return shape.isCheckpointDue(plan.nextVersion())
                || stopRequested.getAsBoolean()
                || milestone.ledger().settle(plan.deal(), round.returned()).counted() == shape.blocks();
    }

    private boolean isWhole(Portion portion) {
        return !portion.overlapped() && portion.fragments().size() == shape.fragments();
    }

    private void requireFewRefusals(Round<R> round) throws IOException {
        for (ReturnedBlocks blocks : milestone.ledger().returned()) {
            if (blocks.refusals() >= RoundPolicy.REFUSALS) {
                fleet.checkpoint(milestone, Set.copyOf(holders), true);
                throw new TrainingStoppedException(
                        "stopped: the blocks " + blocks.positions()
                                + " were part of a refused change of the parameters "
                                + blocks.refusals() + " times, on different workers, last on worker " + blocks.worker()
                                + ": " + round.uncounted().get(blocks.worker())
                                + ". Look at these blocks, or lower training.learningRate or training.gradientClip; the checkpoint of round "
                                + milestone.round() + " is good",
                        round.divergence().orElse(null));
            }
        }
    }

    private void goBack(FleetException failure) throws IOException {
        if (milestone.round() > furthest) {
            furthest = milestone.round();
            failuresInARow = 0;
        }
        failuresInARow++;
        if (failuresInARow > shape.recoveries()) {
            throw new TrainingStoppedException(
                    "failed " + failuresInARow + " times in a row in round " + (milestone.round() + 1) + ": "
                            + failure.getMessage(),
                    failure);
        }
        recoveries++;
        Milestone back = fleet.newest();
        journal.goesBack(back, failure.getMessage(), failuresInARow);
        milestone = back;
    }
}

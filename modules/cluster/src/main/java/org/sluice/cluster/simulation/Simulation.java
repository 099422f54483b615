package org.sluice.cluster.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.sluice.cluster.control.Milestone;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.cluster.control.RunShape;
import org.sluice.cluster.control.TrainingLoop;

/** A whole training by the driver's own code, with computation replaced by its duration and faults by a schedule. */
public final class Simulation {
    private Simulation() {}

    /**
     * What came of it.
     *
     * @param end what is done
     * @param rounds those that count
     * @param seconds the time of all
     * @param generations how often workers began from the beginning or a checkpoint
     * @param driverDeaths how often the driver was started again
     */
    public record Result(
            Milestone end, List<SimulatedRound> rounds, double seconds, long generations, int driverDeaths) {}

    /**
     * Trains to the end.
     *
     * @param seed of the workers' times
     * @throws org.sluice.cluster.control.TrainingStoppedException if the driver gives up
     */
    public static Result run(RunShape shape, RoundPolicy policy, ClusterModel model, FaultSchedule faults, long seed) {
        SimulatedWorld world = new SimulatedWorld(model, faults, seed);
        SimulatedJournal journal = new SimulatedJournal();
        int deaths = 0;
        while (true) {
            TrainingLoop<Integer> loop = new TrainingLoop<>(
                    shape, policy, new SimulatedFleet(world, shape.fragments()), journal, world.newest(), () -> false);
            try {
                loop.run();
                return new Result(loop.milestone(), journal.rounds(), world.now(), journal.begun(), deaths);
            } catch (SimulatedDriverDeath death) {
                deaths++;
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }
    }
}

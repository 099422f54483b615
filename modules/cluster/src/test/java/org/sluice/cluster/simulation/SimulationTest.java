package org.sluice.cluster.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.sluice.cluster.control.Positions;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.cluster.control.RunShape;
import org.sluice.cluster.control.TrainingStoppedException;

class SimulationTest {
    private static final ClusterModel SIX = new ClusterModel(6, 1, 0.1, 0.5, 3, 2);

    private static final List<Fault.Kind> LOSSES =
            List.of(Fault.Kind.EXECUTOR, Fault.Kind.STALL, Fault.Kind.DRIVER, Fault.Kind.STORAGE);

    private static RunShape shape(long steps, int workers, int least) {
        return new RunShape(steps, 12, 4, workers, least, 5, 50, 1, false);
    }

    private static List<Long> counted(Simulation.Result result) {
        List<Long> positions = new ArrayList<>();
        for (SimulatedRound round : result.rounds()) {
            for (int worker : round.counted()) {
                for (int step = 0; step < round.deal().steps(); step++) {
                    for (Positions range : round.deal().share(step, worker)) {
                        LongStream.range(range.from(), range.to()).forEach(positions::add);
                    }
                }
            }
        }
        return positions;
    }

    @Test
    void withoutFaultsEveryRoundTakesItsTime() {
        ClusterModel exact = new ClusterModel(6, 1, 0, 0.5, 3, 2);
        Simulation.Result result = Simulation.run(shape(40, 6, 6), RoundPolicy.STRICT, exact, FaultSchedule.NONE, 1);
        assertThat(result.seconds()).isEqualTo(3 + 10 * 4.5 + 2);
        assertThat(result.end().round()).isEqualTo(10);
        assertThat(result.generations()).isEqualTo(1);
        assertThat(counted(result)).hasSize(480).doesNotHaveDuplicates();
    }

    @Test
    void aLostExecutorSendsAFixedCrewBackAndAnElasticOneGoesOn() {
        FaultSchedule loss = new FaultSchedule(List.of(new Fault(30, Fault.Kind.EXECUTOR, 2, 20)));
        Simulation.Result fixed = Simulation.run(shape(80, 6, 6), RoundPolicy.STRICT, SIX, loss, 1);
        assertThat(fixed.generations()).isEqualTo(2);
        assertThat(counted(fixed)).hasSize(960).doesNotHaveDuplicates();
        RoundPolicy most = new RoundPolicy(0, 0.5, 10);
        Simulation.Result elastic = Simulation.run(shape(80, 6, 3), most, SIX, loss, 1);
        assertThat(elastic.generations()).isEqualTo(1);
        assertThat(elastic.rounds().stream().filter(round -> !round.uncounted().isEmpty()))
                .singleElement()
                .satisfies(round -> {
                    assertThat(round.uncounted()).containsOnlyKeys(2);
                    assertThat(round.uncounted().get(2)).contains("executor 2 was lost");
                });
        assertThat(elastic.rounds().stream().map(round -> round.deal().crew().size()))
                .contains(5, 6);
        assertThat(counted(elastic)).hasSize(960).doesNotHaveDuplicates();
        assertThat(elastic.seconds()).isLessThan(fixed.seconds());
    }

    @Test
    void aWorkerThatStandsStillIsNotWaitedForBeyondTheDeadline() {
        FaultSchedule stall = new FaultSchedule(List.of(new Fault(10, Fault.Kind.STALL, 1, 500)));
        RoundPolicy patient = new RoundPolicy(0, 0.5, 10);
        RoundPolicy strict = new RoundPolicy(8, 0.5, 10);
        Simulation.Result waited = Simulation.run(shape(80, 6, 3), patient, SIX, stall, 1);
        Simulation.Result wentOn = Simulation.run(shape(80, 6, 3), strict, SIX, stall, 1);
        assertThat(waited.seconds()).isGreaterThan(500);
        assertThat(wentOn.seconds()).isLessThan(200);
        assertThat(wentOn.rounds().stream().flatMap(round -> round.uncounted().values().stream()))
                .containsExactly("it was not done 8 s after the round began");
        assertThat(counted(wentOn)).hasSize(960).doesNotHaveDuplicates();
    }

    @Test
    void poisonIsRefusedAndItsBlocksAreTrainedElsewhere() {
        FaultSchedule poison = new FaultSchedule(
                List.of(new Fault(10, Fault.Kind.POISON, 1, 0), new Fault(25, Fault.Kind.NOT_FINITE, 4, 0)));
        Simulation.Result result = Simulation.run(shape(80, 6, 6), new RoundPolicy(0, 0.5, 10), SIX, poison, 1);
        assertThat(result.generations()).isEqualTo(1);
        assertThat(result.rounds().stream().flatMap(round -> round.uncounted().values().stream()))
                .hasSize(2)
                .anySatisfy(reason -> assertThat(reason).contains("1000", "more than 10 times"))
                .anySatisfy(reason -> assertThat(reason).contains("NaN"));
        assertThat(counted(result)).hasSize(960).doesNotHaveDuplicates();
    }

    @Test
    void theDriverGoesOnFromItsNewestWholeCheckpoint() {
        FaultSchedule deaths = new FaultSchedule(
                List.of(new Fault(27.2, Fault.Kind.DRIVER, 0, 60), new Fault(120, Fault.Kind.DRIVER, 0, 60)));
        Simulation.Result result = Simulation.run(shape(80, 6, 6), RoundPolicy.STRICT, SIX, deaths, 1);
        assertThat(result.driverDeaths()).isEqualTo(2);
        assertThat(counted(result)).hasSize(960).doesNotHaveDuplicates();
    }

    @Test
    void trainingThatGetsNoFurtherStops() {
        List<Fault> faults = new ArrayList<>();
        for (int at = 1; at < 1000; at++) {
            faults.add(new Fault(at * 5, Fault.Kind.EXECUTOR, at, 1));
        }
        RunShape shape = new RunShape(80, 12, 4, 6, 6, 5, 3, 1, false);
        assertThatThrownBy(() -> Simulation.run(shape, RoundPolicy.STRICT, SIX, new FaultSchedule(faults), 1))
                .isInstanceOf(TrainingStoppedException.class)
                .hasMessageContaining("failed 4 times in a row")
                .hasMessageContaining("was lost");
    }

    /** One of six is refused and three are lost, so that two are left where three are needed: without the losses five would be. */
    @Test
    void whereLossesAndNotRefusalsMissTheQuorumTrainingGoesBack() {
        for (double at = 20; at < 60; at += 0.25) {
            List<Fault> faults = new ArrayList<>(List.of(new Fault(at, Fault.Kind.POISON, 5, 0)));
            for (int worker : new int[] {1, 3, 4}) {
                faults.add(new Fault(at + 0.1, Fault.Kind.EXECUTOR, worker, 5));
            }
            Simulation.Result result =
                    Simulation.run(shape(80, 6, 1), new RoundPolicy(0, 0.5, 10), SIX, new FaultSchedule(faults), 1);
            assertThat(counted(result)).as("at %s", at).hasSize(960).doesNotHaveDuplicates();
        }
    }

    @Test
    void whereARefusalAloneMissesTheQuorumTrainingStops() {
        FaultSchedule poison = new FaultSchedule(List.of(new Fault(31, Fault.Kind.POISON, 2, 0)));
        assertThatThrownBy(() -> Simulation.run(shape(80, 6, 1), new RoundPolicy(0, 1, 10), SIX, poison, 1))
                .isInstanceOf(TrainingStoppedException.class)
                .hasMessageContaining("only 5 of 6 workers can be counted");
    }

    /** What is lost or late at any time, and poison twice, as three refusals of the same blocks end a training. */
    private static FaultSchedule losses(long seed, double meanSecondsBetween) {
        List<Fault> faults = new ArrayList<>(FaultSchedule.random(seed, LOSSES, 6, meanSecondsBetween, 15, 2000)
                .faults());
        SplittableRandom random = new SplittableRandom(seed + 1);
        for (int poison = 0; poison < 2; poison++) {
            faults.add(new Fault(random.nextDouble(300), Fault.Kind.POISON, random.nextInt(6), 0));
        }
        return new FaultSchedule(faults);
    }

    /** A hundred schedules of all faults at once; each counts every block once. */
    @Test
    void whateverHappensEveryBlockIsCountedOnce() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed + "; -Dseed=" + seed + " replays it");
        SplittableRandom random = new SplittableRandom(seed);
        for (int schedule = 0; schedule < 100; schedule++) {
            long own = random.nextLong();
            int least = 1 + random.nextInt(6);
            int steps = 50 + random.nextInt(100);
            RoundPolicy policy = new RoundPolicy(random.nextBoolean() ? 0 : 9, 0.34, 10);
            FaultSchedule faults = losses(own, 12 + random.nextInt(50));
            Simulation.Result result = Simulation.run(shape(steps, 6, least), policy, SIX, faults, own);
            assertThat(counted(result))
                    .as("seed %d, schedule %d", seed, schedule)
                    .hasSize(steps * 12)
                    .doesNotHaveDuplicates();
            assertThat(result.end().ledger().counted()).isEqualTo(steps * 12L);
            assertThat(Simulation.run(shape(steps, 6, least), policy, SIX, faults, own))
                    .as("the same again")
                    .isEqualTo(result);
        }
    }

    /** 3.5T tokens on 1,000 workers: 4,096 blocks of 4,096 tokens a step, 50 steps a round. */
    @Test
    void aThousandWorkersAndATrillionTokensTakeSeconds() {
        long steps = 3_500_000_000_000L / (4096L * 4096);
        RunShape shape = new RunShape(steps, 4096, 50, 1000, 900, 10, 3, 1, false);
        ClusterModel model = new ClusterModel(1000, 4, 0.05, 10, 120, 60);
        FaultSchedule faults =
                FaultSchedule.random(7, List.of(Fault.Kind.EXECUTOR, Fault.Kind.STALL), 1000, 3600 * 3, 600, 1e9);
        long begin = System.nanoTime();
        Simulation.Result result = Simulation.run(shape, new RoundPolicy(400, 0.9, 10), model, faults, 7);
        double seconds = (System.nanoTime() - begin) * 1e-9;
        System.out.printf(
                "%d rounds, %.1f simulated days in %.1f s%n",
                result.rounds().size(), result.seconds() / 86400, seconds);
        assertThat(result.end().ledger().counted()).isEqualTo(steps * 4096);
        assertThat(seconds).isLessThan(60);
    }
}

package org.sluice.jobs.file;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.InnerState;
import org.sluice.cluster.OuterOptimizer;
import org.sluice.cluster.Streaming;
import org.sluice.cluster.WireFormat;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.tensor.Precision;

/**
 * How training is spread over the cluster; see {@link ClusterConfig}.
 *
 * @param workers replicas that train side by side, if there is room for them
 * @param minWorkers with as few training goes on when others are lost; without it their number is fixed
 * @param blocksPerStep blocks of one step of all workers together
 * @param localSteps steps of each worker between two exchanges of parameters
 * @param innerState what becomes of a worker's own optimizer's state after a round: {@code local}, {@code averaged} or {@code reset}
 * @param rounds when a round is over, and whose work counts
 * @param outer how the workers' mean becomes the next version of the parameters
 * @param checkpointRounds rounds between two checkpoints; the last round always writes one
 * @param keepCheckpoints how many of the newest checkpoints are kept
 * @param asynchronousCheckpoints whether training goes on while a checkpoint is written
 * @param sliceElements parameters of one slice of the exchange
 * @param recoveries how often in a row training goes back to a checkpoint without getting further before it gives up
 * @param wireFormat what travels between workers and owners: {@code fp32}, {@code bf16} or {@code int8}
 * @param partialSums whether the workers of an executor are averaged there before anything travels
 * @param expertWeighting whether an expert's parameters are weighted by the rows that each worker gave to it
 * @param streaming how the exchange is spread over time
 * @param coresPerWorker cores of a worker; 0 divides an executor's cores by the workers on it
 */
public record ClusterSection(
        int workers,
        Optional<Integer> minWorkers,
        int blocksPerStep,
        int localSteps,
        String innerState,
        Rounds rounds,
        Outer outer,
        int checkpointRounds,
        int keepCheckpoints,
        boolean asynchronousCheckpoints,
        int sliceElements,
        int recoveries,
        String wireFormat,
        boolean partialSums,
        boolean expertWeighting,
        Streaming streaming,
        int coresPerWorker) {

    /** @throws IllegalArgumentException if a value is out of its range */
    public ClusterSection {
        toConfig(
                workers,
                minWorkers,
                blocksPerStep,
                localSteps,
                innerState,
                rounds,
                outer,
                checkpointRounds,
                keepCheckpoints,
                asynchronousCheckpoints,
                sliceElements,
                recoveries,
                "",
                Precision.FP32,
                wireFormat,
                partialSums,
                expertWeighting,
                streaming,
                coresPerWorker);
    }

    /** When a round is over; see {@link RoundPolicy}. */
    public record Rounds(double deadlineSeconds, double quorum, double refuseAbove) {
        /** @throws IllegalArgumentException if a value is out of its range */
        public Rounds {
            new RoundPolicy(deadlineSeconds, quorum, refuseAbove);
        }

        RoundPolicy toPolicy() {
            return new RoundPolicy(deadlineSeconds, quorum, refuseAbove);
        }
    }

    /** The outer optimizer; rates and momentum have defaults that go with the name. */
    public record Outer(
            String name,
            Optional<Double> learningRate,
            Optional<Double> momentum,
            String schedule,
            Optional<Double> finalLearningRate) {
        /** @throws IllegalArgumentException if a value is out of its range */
        public Outer {
            toConfig(name, learningRate, momentum, schedule, finalLearningRate);
        }

        OuterOptimizer toConfig() {
            return toConfig(name, learningRate, momentum, schedule, finalLearningRate);
        }

        private static OuterOptimizer toConfig(
                String name,
                Optional<Double> learningRate,
                Optional<Double> momentum,
                String schedule,
                Optional<Double> finalLearningRate) {
            OuterOptimizer usual =
                    name.equals(OuterOptimizer.NESTEROV) ? OuterOptimizer.nesterov() : OuterOptimizer.average();
            double first = learningRate.orElse(usual.learningRate());
            return new OuterOptimizer(
                    name,
                    first,
                    momentum.orElse(usual.momentum()),
                    schedule,
                    finalLearningRate.orElse(schedule.equals(OuterOptimizer.CONSTANT) ? first : 0));
        }
    }

    /**
     * @param backend the name of the backend that the workers use
     * @param precision of their matrix products
     */
    public ClusterConfig toConfig(String backend, Precision precision) {
        return toConfig(
                workers,
                minWorkers,
                blocksPerStep,
                localSteps,
                innerState,
                rounds,
                outer,
                checkpointRounds,
                keepCheckpoints,
                asynchronousCheckpoints,
                sliceElements,
                recoveries,
                backend,
                precision,
                wireFormat,
                partialSums,
                expertWeighting,
                streaming,
                coresPerWorker);
    }

    private static ClusterConfig toConfig(
            int workers,
            Optional<Integer> minWorkers,
            int blocksPerStep,
            int localSteps,
            String innerState,
            Rounds rounds,
            Outer outer,
            int checkpointRounds,
            int keepCheckpoints,
            boolean asynchronousCheckpoints,
            int sliceElements,
            int recoveries,
            String backend,
            Precision precision,
            String wireFormat,
            boolean partialSums,
            boolean expertWeighting,
            Streaming streaming,
            int coresPerWorker) {
        return new ClusterConfig(
                workers,
                minWorkers.orElse(workers),
                blocksPerStep,
                localSteps,
                state(innerState),
                rounds.toPolicy(),
                outer.toConfig(),
                checkpointRounds,
                keepCheckpoints,
                asynchronousCheckpoints,
                sliceElements,
                recoveries,
                backend,
                precision,
                format(wireFormat),
                partialSums,
                expertWeighting,
                streaming,
                coresPerWorker);
    }

    private static InnerState state(String name) {
        return Arrays.stream(InnerState.values())
                .filter(state -> state.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("cluster: innerState '" + name
                        + "' is not known; there are: "
                        + Arrays.stream(InnerState.values())
                                .map(InnerState::toString)
                                .collect(Collectors.joining(", "))));
    }

    private static WireFormat format(String name) {
        return WireFormat.named(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "cluster: wireFormat '" + name + "' is not known; there are: fp32, bf16, int8"));
    }
}

package org.sluice.cluster;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.sluice.cluster.control.Deal;
import org.sluice.model.ExpertCounts;
import org.sluice.model.ExpertRange;
import org.sluice.model.RouterSums;
import org.sluice.training.RoutedBatch;
import org.sluice.training.StepResult;

/**
 * A worker on a plain array: its training adds to each parameter an amount that depends on the worker, the version and the parameter. Its
 * weight is 1 + 2 * worker. There is one for each run, so that tests do not meet those of others.
 */
final class ArrayParticipant implements Participant {
    /** The layers and experts of the participants that have experts. */
    static final int LAYERS = 2;

    static final int EXPERTS = 3;

    private static final Map<Key, ArrayParticipant> HERE = new ConcurrentHashMap<>();

    private final int worker;
    private final SliceLayout layout;
    private final ExpertRuns experts;
    private final float[] parameters;
    private final GlobalCopy copy;
    private final float[] residual;
    private WorkerReport lastReport;
    private long receivedVersion = -1;

    private record Key(String run, int worker) {}

    private ArrayParticipant(int worker, SliceLayout layout, WireFormat format, List<ExpertRange> experts) {
        this.worker = worker;
        this.layout = layout;
        this.experts = new ExpertRuns(layout, experts);
        this.parameters = new float[Math.toIntExact(layout.elements())];
        this.residual = format.keepsResiduals() ? new float[parameters.length] : null;
        this.copy = format.keepsResiduals()
                ? new GlobalCopy(
                        worker,
                        layout,
                        format,
                        new ArrayFloats(parameters),
                        new ArrayFloats(new float[parameters.length]),
                        new ArrayFloats(residual))
                : null;
    }

    /** The participant that lives in this JVM. */
    static ArrayParticipant here(String run, int worker) {
        return HERE.get(new Key(run, worker));
    }

    float[] parameters() {
        return parameters;
    }

    float[] residual() {
        return residual;
    }

    static Participant.Finder finder(SliceLayout layout) {
        return finder(layout, WireFormat.FP32);
    }

    static Participant.Finder finder(SliceLayout layout, WireFormat format) {
        return (order, worker) -> HERE.computeIfAbsent(
                new Key(order.run(), worker), key -> new ArrayParticipant(worker, layout, format, List.of()));
    }

    /** Two layers of experts back to back, from an element on. */
    static Participant.Finder finder(SliceLayout layout, WireFormat format, long from, int expertElements) {
        return (order, worker) -> HERE.computeIfAbsent(
                new Key(order.run(), worker),
                key -> new ArrayParticipant(
                        worker,
                        layout,
                        format,
                        IntStream.range(0, LAYERS * EXPERTS)
                                .mapToObj(at -> new ExpertRange(
                                        from + (long) at * expertElements,
                                        from + (at + 1L) * expertElements,
                                        at / EXPERTS,
                                        at % EXPERTS))
                                .toList()));
    }

    /** The rows of an expert in a round: none for the first expert of each layer. */
    static long rows(int worker, long version, int layer, int expert) {
        return expert == 0 ? 0 : (worker + version + layer + 3L * expert) % 5;
    }

    private static ExpertCounts counts(int worker, long version) {
        long[] rows = new long[LAYERS * EXPERTS];
        Arrays.setAll(rows, at -> rows(worker, version, at / EXPERTS, at % EXPERTS));
        return new ExpertCounts(LAYERS, EXPERTS, rows);
    }

    static float initial(long element) {
        return (float) Math.sin((double) element);
    }

    static float change(int worker, long version, long element) {
        return (float) Math.cos(element * (worker + 2.0) + version) / 8;
    }

    static long weight(int worker) {
        return 1 + 2L * worker;
    }

    /** The slices of version 0. */
    static SliceSource initialSlices(SliceLayout layout) {
        return slice -> {
            byte[] bytes = new byte[layout.length(slice) * Float.BYTES];
            FloatBuffer floats = floats(bytes);
            for (int at = 0; at < layout.length(slice); at++) {
                floats.put(initial(layout.offset(slice) + at));
            }
            return GlobalSlice.start(slice, bytes, null, null);
        };
    }

    static FloatBuffer floats(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    /** Whether updates bring it from one version of a fragment to another. */
    synchronized boolean takesUpdate(int fragment, long from, long to) {
        return copy != null && copy.takesUpdate(fragment, from, to);
    }

    @Override
    public synchronized void receive(RoundOrder order, List<IncomingFragment> global) {
        if (receivedVersion == order.version()) {
            return;
        }
        for (IncomingFragment incoming : global) {
            boolean updates = takesUpdate(incoming.fragment(), incoming.from(), incoming.to());
            incoming.slices(updates).forEachRemaining(slice -> {
                if (copy != null) {
                    copy.take(slice, incoming.from(), incoming.to());
                } else {
                    floats(slice.parameters())
                            .get(parameters, (int) layout.offset(slice.index()), layout.length(slice.index()));
                }
            });
        }
        receivedVersion = order.version();
    }

    @Override
    public void fetch(RoundOrder order, List<IncomingFragment> global) {
        throw new UnsupportedOperationException("its training and its exchange do not overlap");
    }

    /**
     * An order of a round that all workers do.
     *
     * @param steps 0 for a round that changes nothing
     */
    static RoundOrder order(String run, long version, int steps) {
        Deal deal = new Deal(List.of(), version, version + steps, 1, List.of(0), 0);
        return new RoundOrder(
                run, 0, version, version, deal, Set.of(), new RoundOrder.RestorePoint(0, null), null, null);
    }

    /** A whole round: training, merging and publishing. */
    static List<WorkerReport> round(Exchange exchange, RoundOrder order, List<WorkerPlacement> placements) {
        List<WorkerReport> reports = exchange.training(order, placements).toJavaRDD().collect().stream()
                .map(result -> ((WorkerResult.Done) result).report())
                .toList();
        exchange.merge(
                order,
                reports.stream()
                        .map(report -> new WorkerPlacement(report.worker(), report.executor(), report.host()))
                        .toList(),
                exchange.layout().allFragments());
        exchange.publish();
        return reports;
    }

    @Override
    public synchronized RoutedBatch countExperts(RoundOrder order, List<IncomingFragment> global) {
        return new RoutedBatch(counts(worker, order.version()), weight(worker) + 1, weight(worker));
    }

    @Override
    public synchronized WorkerReport run(RoundOrder order, List<IncomingFragment> global, Runnable stopIfKilled) {
        if (lastReport != null && lastReport.steps().get(0).result().step() == order.firstStep()) {
            return lastReport;
        }
        long start = System.nanoTime();
        receive(order, global);
        double received = (System.nanoTime() - start) * 1e-9;
        if (order.localSteps() > 0) {
            for (int at = 0; at < parameters.length; at++) {
                parameters[at] += change(worker, order.version(), at);
            }
        }
        RouterSums routing = new RouterSums(
                counts(worker, order.version()), new double[LAYERS * EXPERTS], new double[LAYERS], weight(worker));
        StepResult result = new StepResult(order.firstStep(), 0, weight(worker), 0, 0, routing);
        lastReport = new WorkerReport(
                worker,
                SparkEnv.get().executorId(),
                SparkEnv.get().blockManager().blockManagerId().host(),
                List.of(new WorkerReport.LocalStep(result, 0, 0)),
                received,
                (System.nanoTime() - start) * 1e-9 - received);
        return lastReport;
    }

    @Override
    public synchronized Contribution contribution(RoundOrder order, int slice) {
        return new Contribution(
                slice,
                List.of(worker),
                weight(worker),
                experts.of(slice, lastReport.experts()),
                copy == null ? whole(slice) : copy.contribution(slice));
    }

    private byte[] whole(int slice) {
        byte[] bytes = new byte[layout.length(slice) * Float.BYTES];
        floats(bytes).put(parameters, (int) layout.offset(slice), layout.length(slice));
        return bytes;
    }
}

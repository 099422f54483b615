package org.sluice.cluster;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.sluice.training.StepResult;

/**
 * A worker on a plain array: its training adds to each parameter an amount that depends on the worker, the version and the parameter. Its
 * weight is 1 + 2 * worker.
 */
final class ArrayParticipant implements Participant {
    private static final Map<Integer, ArrayParticipant> HERE = new ConcurrentHashMap<>();

    private final int worker;
    private final SliceLayout layout;
    private final float[] parameters;

    private ArrayParticipant(int worker, SliceLayout layout) {
        this.worker = worker;
        this.layout = layout;
        this.parameters = new float[Math.toIntExact(layout.elements())];
    }

    static Participant.Finder finder(SliceLayout layout) {
        return (order, worker) -> HERE.computeIfAbsent(worker, number -> new ArrayParticipant(number, layout));
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
            return new GlobalSlice(slice, bytes, null, List.of());
        };
    }

    static FloatBuffer floats(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    @Override
    public synchronized WorkerReport run(RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled) {
        long start = System.nanoTime();
        global.forEachRemaining(slice -> floats(slice.parameters())
                .get(parameters, (int) layout.offset(slice.index()), layout.length(slice.index())));
        double received = (System.nanoTime() - start) * 1e-9;
        if (order.localSteps() > 0) {
            for (int at = 0; at < parameters.length; at++) {
                parameters[at] += change(worker, order.version(), at);
            }
        }
        return new WorkerReport(
                worker,
                SparkEnv.get().executorId(),
                "localhost",
                List.of(new WorkerReport.LocalStep(new StepResult(order.firstStep(), 0, weight(worker), 0, 0), 0, 0)),
                received,
                (System.nanoTime() - start) * 1e-9 - received);
    }

    @Override
    public byte[] parametersAfter(RoundOrder order, int slice) {
        byte[] bytes = new byte[layout.length(slice) * Float.BYTES];
        floats(bytes).put(parameters, (int) layout.offset(slice), layout.length(slice));
        return bytes;
    }
}

package org.sluice.cluster;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.sluice.tensor.Backend;
import org.sluice.training.Replica;

/**
 * A fault of a worker's memory: one of its parameters is a thousand instead of what it was. Nothing notices, but that the worker then sends a
 * change of the parameters that is far larger than those of the others.
 *
 * <p>No training offers such a fault, so it reaches by reflection for the worker that is at work in the thread that calls.
 */
final class FlippedBit {
    private static final float WRONG = 1000;

    private FlippedBit() {}

    static void ofThisThreadsWorker() {
        try {
            Worker worker = ofThisThread();
            ByteBuffer value = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            value.putFloat(0, WRONG);
            ((Backend) field(worker, "backend"))
                    .memory()
                    .write(value, ((Replica) field(worker, "replica")).decoder().parameters(), 0);
        } catch (ReflectiveOperationException changed) {
            throw new LinkageError("the worker is built otherwise than this fault supposes", changed);
        }
    }

    /** A worker is locked while it trains. */
    private static Worker ofThisThread() throws ReflectiveOperationException {
        Field residents = WorkerRegistry.class.getDeclaredField("RESIDENTS");
        residents.setAccessible(true);
        for (Object resident : ((Map<?, ?>) residents.get(null)).values()) {
            Method worker = resident.getClass().getDeclaredMethod("worker");
            worker.setAccessible(true);
            Worker found = (Worker) worker.invoke(resident);
            if (Thread.holdsLock(found)) {
                return found;
            }
        }
        throw new AssertionError("no worker trains in this thread");
    }

    private static Object field(Worker worker, String name) throws ReflectiveOperationException {
        Field field = Worker.class.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(worker);
    }
}

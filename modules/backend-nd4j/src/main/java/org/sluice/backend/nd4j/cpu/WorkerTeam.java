package org.sluice.backend.nd4j.cpu;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The threads that share an operation: the caller and {@code cores - 1} others.
 *
 * <p>Work comes in numbered parts, and whoever is free takes the next. Which thread runs a part never shows in a result: parts write
 * to places of their own. A thread with nothing to do looks for work for some microseconds, since the next operation usually follows
 * at once, and then sleeps; with one core there are no other threads and nothing ever waits.
 */
final class WorkerTeam implements AutoCloseable {
    /** How often a waiting thread looks before it sleeps: about 20 microseconds. */
    private static final int LOOKS = 500;

    private final Worker[] workers;
    private final Supplier<MatrixProduct> products;
    private final Scratch callersScratch;
    private volatile Job job = new Job(0, null, null);
    private volatile boolean closed;

    /** A part of an operation. */
    @FunctionalInterface
    interface Part {
        void run(int part, Scratch scratch);
    }

    /** @param products makes a thread's way to multiply matrices */
    WorkerTeam(int cores, Supplier<MatrixProduct> products) {
        this.products = products;
        callersScratch = new Scratch(0, products);
        workers = new Worker[cores - 1];
        for (int index = 0; index < workers.length; index++) {
            workers[index] = new Worker(index + 1, job);
            workers[index].start();
        }
    }

    int cores() {
        return workers.length + 1;
    }

    /** Runs the parts {@code 0 .. parts - 1} and returns when all are done; what a part throws is thrown here. */
    void run(int parts, Part body) {
        if (closed) {
            throw new IllegalStateException("the CPU backend was used after it had been closed");
        }
        if (parts <= 1 || workers.length == 0) {
            for (int part = 0; part < parts; part++) {
                body.run(part, callersScratch);
            }
            return;
        }
        Job current = new Job(parts, body, Thread.currentThread());
        job = current;
        for (int index = 0; index < Math.min(parts - 1, workers.length); index++) {
            workers[index].wake();
        }
        current.work(callersScratch);
        current.await();
    }

    /** The bytes outside the Java heap that the threads' products hold; between operations. */
    long workspaceBytes() {
        long bytes = callersScratch.workspaceBytes();
        for (Worker worker : workers) {
            bytes += worker.scratch.workspaceBytes();
        }
        return bytes;
    }

    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
        callersScratch.close();
    }

    private final class Worker extends Thread {
        private final Scratch scratch;
        private final Job initial;
        private volatile boolean asleep;

        /** @param initial the job that is no work: the next may come before the thread runs */
        Worker(int thread, Job initial) {
            super("sluice-cpu-" + thread);
            this.initial = initial;
            scratch = new Scratch(thread, products);
            setDaemon(true);
        }

        void wake() {
            if (asleep) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            Job last = initial;
            while (!closed) {
                Job next = awaitJob(last);
                if (next != last) {
                    next.work(scratch);
                    last = next;
                }
            }
            scratch.close();
        }

        private Job awaitJob(Job last) {
            for (int look = 0; look < LOOKS && job == last; look++) {
                Thread.onSpinWait();
            }
            if (job == last) {
                asleep = true;
                while (job == last && !closed) {
                    LockSupport.park(WorkerTeam.this);
                }
                asleep = false;
            }
            return job;
        }
    }

    /** One operation's parts, and how far they are. There is one for each operation, so it is a single object. */
    private static final class Job {
        private static final AtomicIntegerFieldUpdater<Job> NEXT =
                AtomicIntegerFieldUpdater.newUpdater(Job.class, "next");
        private static final AtomicIntegerFieldUpdater<Job> DONE =
                AtomicIntegerFieldUpdater.newUpdater(Job.class, "done");
        private static final AtomicReferenceFieldUpdater<Job, Throwable> FAILURE =
                AtomicReferenceFieldUpdater.newUpdater(Job.class, Throwable.class, "failure");

        private final int parts;
        private final Part body;
        private final Thread caller;

        @SuppressWarnings("UnusedVariable") // It is read through its updater.
        private volatile int next;

        private volatile int done;
        private volatile Throwable failure;
        private volatile boolean callerAsleep;

        Job(int parts, Part body, Thread caller) {
            this.parts = parts;
            this.body = body;
            this.caller = caller;
        }

        void work(Scratch scratch) {
            for (int part = NEXT.getAndIncrement(this); part < parts; part = NEXT.getAndIncrement(this)) {
                try {
                    body.run(part, scratch);
                } catch (Throwable thrown) {
                    FAILURE.compareAndSet(this, null, thrown);
                }
                if (DONE.incrementAndGet(this) == parts && callerAsleep) {
                    LockSupport.unpark(caller);
                }
            }
        }

        void await() {
            for (int look = 0; look < LOOKS && done < parts; look++) {
                Thread.onSpinWait();
            }
            if (done < parts) {
                callerAsleep = true;
                while (done < parts) {
                    LockSupport.park(this);
                }
            }
            Throwable thrown = failure;
            if (thrown instanceof RuntimeException exception) {
                throw exception;
            }
            if (thrown instanceof Error error) {
                throw error;
            }
        }
    }
}

package org.sluice.jobs.console;

import java.util.concurrent.atomic.AtomicReference;
import org.jline.utils.Signals;

/**
 * Ctrl-C (SIGINT). While an orderly stop is possible, the first asks for it and the second ends the process at once; otherwise the first
 * ends it.
 */
public final class Interrupts {
    /** What a process ended by ctrl-C exits with by convention. */
    public static final int EXIT_CODE = 130;

    private final Console console;
    private final AtomicReference<Runnable> orderlyStop = new AtomicReference<>();

    private Interrupts(Console console) {
        this.console = console;
    }

    /** Takes over the signal for this process. */
    public static Interrupts install(Console console) {
        Interrupts interrupts = new Interrupts(console);
        Signals.register("INT", interrupts::interrupted);
        return interrupts;
    }

    /**
     * Says how to stop in order from here on.
     *
     * @param request asks for the stop and returns; called at most once
     * @return closes the time in which that works
     */
    public Scope stopBy(Runnable request) {
        orderlyStop.set(request);
        return () -> orderlyStop.compareAndSet(request, null);
    }

    private void interrupted() {
        Runnable request = orderlyStop.getAndSet(null);
        if (request == null) {
            console.message("stopped at once");
            Runtime.getRuntime().halt(EXIT_CODE);
            return;
        }
        console.message("stopping: this round will be finished and a checkpoint written; ctrl-C again stops at once");
        request.run();
    }

    /** A time that ends when it is closed. */
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }
}

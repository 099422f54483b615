package org.sluice.cluster.watch;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads that do something again and again and keep no JVM alive. */
final class Daemons {
    private static final Logger LOG = LoggerFactory.getLogger(Daemons.class);

    private Daemons() {}

    /** Does something at once and then every so many milliseconds; what it throws is logged, the first time as a warning, and it is done again. */
    static ScheduledExecutorService every(long millis, String name, Runnable action) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        AtomicBoolean warned = new AtomicBoolean();
        // It ends with the executor; nobody waits for it.
        ScheduledFuture<?> unused = executor.scheduleAtFixedRate(
                () -> {
                    try {
                        action.run();
                    } catch (RuntimeException failure) {
                        if (warned.getAndSet(true)) {
                            LOG.debug("{} failed again", name, failure);
                        } else {
                            LOG.warn("{} failed, and is done again", name, failure);
                        }
                    }
                },
                0,
                millis,
                TimeUnit.MILLISECONDS);
        return executor;
    }
}

package org.sluice.cluster.watch;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads that do something again and again and keep no JVM alive. */
final class Daemons {
    private static final Logger LOG = LoggerFactory.getLogger(Daemons.class);

    private Daemons() {}

    /** Does something at once and then every so many milliseconds; what it throws is logged, and it is done again. */
    static ScheduledExecutorService every(long millis, String name, Runnable action) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        // It ends with the executor; nobody waits for it.
        ScheduledFuture<?> unused = executor.scheduleAtFixedRate(
                () -> {
                    try {
                        action.run();
                    } catch (RuntimeException failure) {
                        LOG.debug("{} failed and is done again", name, failure);
                    }
                },
                0,
                millis,
                TimeUnit.MILLISECONDS);
        return executor;
    }
}

package org.sluice.cluster.preflight;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The clocks agree: by them logs and events are put in order, and a run's lease and security tokens are judged. */
final class ClockCheck implements Check {
    private static final long NOTICED_MILLIS = 1_000;
    private static final long REFUSED_MILLIS = 5_000;

    @Override
    public Stream<Finding> findings(Inspection inspection) {
        return inspection.clockMillis().entrySet().stream()
                .filter(clock -> Math.abs(clock.getValue()) > NOTICED_MILLIS)
                .map(ClockCheck::finding);
    }

    private static Finding finding(Map.Entry<Place, Long> clock) {
        long off = clock.getValue();
        String problem = String.format(
                Locale.ROOT,
                "the clock is %.1f s %s that of the driver, and may be off by %d s at most",
                Math.abs(off) / 1e3,
                off > 0 ? "ahead of" : "behind",
                REFUSED_MILLIS / 1000);
        return new Finding(
                Math.abs(off) > REFUSED_MILLIS,
                clock.getKey(),
                problem,
                "let a time service (chrony, systemd-timesyncd) set the clocks of all hosts");
    }
}

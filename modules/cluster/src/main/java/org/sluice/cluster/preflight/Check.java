package org.sluice.cluster.preflight;

import java.util.stream.Stream;

/** Looks at one side of an inspection. */
@FunctionalInterface
interface Check {

    /** What is not as it should be. */
    Stream<Finding> findings(Inspection inspection);
}

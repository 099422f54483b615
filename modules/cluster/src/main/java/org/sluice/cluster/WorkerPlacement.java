package org.sluice.cluster;

import java.io.Serializable;

/**
 * Where a worker lives.
 *
 * @param worker its number, from 0
 * @param executor the Spark executor
 * @param host that executor's host
 */
record WorkerPlacement(int worker, String executor, String host) implements Serializable {

    /** The place as Spark's scheduler reads it. */
    String location() {
        return "executor_" + host + "_" + executor;
    }
}

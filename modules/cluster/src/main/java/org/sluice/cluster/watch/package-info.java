/**
 * What a training is doing, for those who watch it: a Spark plugin whose executors send the driver heartbeats of their workers, and whose metrics
 * are part of Spark's own, so that every sink and servlet of Spark's metrics system has them.
 *
 * <p>A worker says what it does by its {@link org.sluice.cluster.watch.WorkerActivity}; the plugin of its executor reads that and sends
 * {@link org.sluice.cluster.watch.Heartbeat}s; on the driver {@link org.sluice.cluster.watch.RunWatch} keeps the newest of each worker.
 */
package org.sluice.cluster.watch;

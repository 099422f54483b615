/**
 * What a training will take on a cluster, before anything is started: memory of a worker, time of steps, rounds and checkpoints, days, cost. Pure
 * arithmetic on a job's settings and a description of the cluster; {@code docs/planning.md} has every formula and where each rate comes from.
 */
package org.sluice.experiments.planning;

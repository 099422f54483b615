/**
 * Training of one replica: the optimizer, the learning-rate schedule, one step over micro-batches, and the guards that stop before a
 * number that is not finite reaches the parameters. Nothing in here knows of a cluster.
 */
package org.sluice.training;

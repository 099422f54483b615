/**
 * Rounds of local training and parameter averaging on Spark.
 *
 * <p>The parameters are one flat space, cut into slices. A version of them is an RDD of slices, kept in the executors; the driver holds
 * none. In a round every worker takes the slices of version r, trains on its share of the blocks, and sends its own parameters slice by
 * slice through a shuffle to the slices' owners, who average them, weighted by the targets trained on, and so make version r + 1. Every
 * {@code H} steps are one round, after Local SGD (Stich 2019, arXiv 1805.09767) and DiLoCo (Douillard et al. 2023, arXiv 2311.08105).
 *
 * <p>A mixture of experts is no other model, but for two things. With {@code H = 1} the shares of the load-balance loss are those of all
 * workers together: a job before the round counts them. With more steps a replica balances its own share of the batch, and the parameters
 * of an expert are averaged with the rows that each worker routed to it as weights, so that a worker whose expert saw nothing does not
 * hold back one whose expert learned. With {@code H = 1} targets are the weights of experts too: rows would not be the gradient of the
 * whole batch, which the mean by targets is.
 *
 * <p>Workers live in their executors between rounds and keep their optimizer's state there. What a worker does in a round is a pure
 * function of the version's slices, its own state of that version and its blocks, and it refuses to work from a state of any other
 * version. When a worker or a version is lost, the driver goes back to the newest complete checkpoint and trains again from there, which
 * gives the same bits.
 */
package org.sluice.cluster;

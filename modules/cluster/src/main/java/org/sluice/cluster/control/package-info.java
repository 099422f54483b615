/**
 * The decisions of the driver: who trains on which blocks, when a round is over, whose work counts, when to go back to a checkpoint. Nothing
 * in here knows Spark, a model or a file, so that simulations run this very code.
 */
package org.sluice.cluster.control;

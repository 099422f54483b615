/**
 * Experiments: variants of a model side by side, from the untrained model to the report.
 *
 * <p>{@link org.sluice.experiments.Catalogue} names what there is: plain variants, and the rows of the paper's tables. A variant is a name for a change to the base model of a job. {@link org.sluice.experiments.Comparison} trains and evaluates each
 * and keeps what it finds in the run's metrics, so that a stopped comparison goes on where it was.
 */
package org.sluice.experiments;

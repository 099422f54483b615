/**
 * The live page: what a run is doing, in a browser.
 *
 * <p>{@link org.sluice.experiments.live.LiveRun} listens to a comparison and keeps what a page needs, in memory that does not grow with the
 * number of steps. {@link org.sluice.experiments.live.LivePage} serves it, to be read only. Neither can end a training.
 */
package org.sluice.experiments.live;

/**
 * The operations of one training step of the preset {@code bench}, timed one by one by JMH, and the floors that they are set against.
 *
 * <p>Where a model works in place, these mostly write to a tensor of its own: over thousands of calls values would otherwise vanish, and
 * arithmetic on numbers near 0 takes another time.
 */
package org.sluice.benchmarks;

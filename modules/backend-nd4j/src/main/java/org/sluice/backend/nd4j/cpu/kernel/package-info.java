/**
 * The loops over vectors: kernels on Java arrays alone.
 *
 * <p>Three rules keep their vectors in registers, where a vector that becomes an object on the heap costs ten times as much:
 *
 * <ul>
 *   <li>No vector is passed to or returned from a method of ours.
 *   <li>Each kernel is compiled by itself: {@link org.sluice.backend.nd4j.cpu.KernelCompilation} forbids the compiler to inline it into a
 *       caller, where it would run out of its budget in the midst of a loop, depending on what ran before.
 *   <li>What a loop carries along is an argument and not the receiver of the next operation, whose class the compiler knows only from the
 *       expression that made it.
 * </ul>
 *
 * A kernel works on whole vectors: arrays reach to the next multiple of {@link org.sluice.backend.nd4j.cpu.kernel.VectorMath#LANES}.
 */
package org.sluice.backend.nd4j.cpu.kernel;

/**
 * The fast CPU backend, {@code cpu}.
 *
 * <p>{@link org.sluice.backend.nd4j.cpu.WorkerTeam} spreads an operation over the cores in numbered parts. Matrix products go to ND4J
 * ({@link org.sluice.backend.nd4j.cpu.SharedProducts}); everything else copies tiles from ND4J's memory into a thread's own Java arrays
 * ({@link org.sluice.backend.nd4j.cpu.Scratch}), runs a kernel of the Vector API over whole vectors there, and copies the result back.
 * The kernels are in {@link org.sluice.backend.nd4j.cpu.kernel}.
 *
 * <p>Every operation gives the same bits again on the same number of cores; those without a matrix product on any number.
 */
package org.sluice.backend.nd4j.cpu;

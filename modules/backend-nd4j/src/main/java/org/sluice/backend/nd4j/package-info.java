/**
 * The op contract on ND4J memory: arenas and tensors that the readable reference and the fast CPU backend share.
 *
 * <p>An {@link org.sluice.backend.nd4j.Nd4jTensor} is an {@code INDArray} with a name and an owner. ND4J operations work on
 * {@link org.sluice.backend.nd4j.Nd4jTensor#array()}; kernels in Java work on {@link org.sluice.backend.nd4j.Nd4jTensor#host()}.
 */
package org.sluice.backend.nd4j;

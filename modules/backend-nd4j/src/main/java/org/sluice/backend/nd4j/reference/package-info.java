/**
 * The op contract in plain ND4J operations, to be read beside the contract's formulas: the oracle, not the fast path.
 *
 * <p>It computes in float32 and float64, on whatever ND4J backend is on the class path. Unlike the fast backends it allocates ND4J arrays
 * for intermediate results inside operations, and attention and loss hold whole score matrices: it is for tests and small models.
 */
package org.sluice.backend.nd4j.reference;

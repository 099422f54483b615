/**
 * The contract's tests: what every backend must do, held against plain double-precision loops.
 *
 * <p>A backend's module extends {@link org.sluice.tensor.contract.BackendContract} and runs them all. The loops are slow and obvious;
 * their gradients are themselves held against central differences by the tests of this module.
 *
 * <p>Random cases print their seed and name it in every failure; {@code -Dsluice.test.seed=NUMBER} runs them again.
 */
package org.sluice.tensor.contract;

package org.sluice.tensor.observation;

import org.sluice.tensor.MachineSpeed;

/**
 * What an operation must do at least, which on a given machine takes a time: the operation's floor.
 *
 * <p>Of matrix products, attention and the loss it is the floating-point operations of their products, at the machine's multiply-adds. Of
 * everything else it is the bytes that are moved, at the machine's speed of copying. The two rules, for shapes as in the contract:
 *
 * <ul>
 *   <li>Operations: {@code 2 M L P} a matrix product; in attention {@code 4 E} forward and {@code 10 E} backward for each pair of a
 *       query and a key that is not after it, and each head, whatever documents hide of them; {@code 2 N D V} the loss, and three times that
 *       with its gradients.
 *   <li>Bytes: each tensor argument once, which the call reads or writes; twice what it adds to or updates; a tensor given as two
 *       arguments counts as both. Only the part that the call touches counts: of an embedding table the rows that are looked up, of
 *       switch heads' input the chosen experts, of a copied part the part. Memory of the host does not count.
 * </ul>
 *
 * <p>A floor in bytes is that of tensors in memory: what the caches still hold of the operation before moves faster.
 *
 * @param unit of {@code amount}
 * @param amount how much work, at least 0
 */
public record OperationWork(Unit unit, double amount) {

    /** What work is counted in. */
    public enum Unit {
        FLOATING_POINT_OPERATIONS,
        BYTES
    }

    static OperationWork operations(double amount) {
        return new OperationWork(Unit.FLOATING_POINT_OPERATIONS, amount);
    }

    static OperationWork bytes(double amount) {
        return new OperationWork(Unit.BYTES, amount);
    }

    /** The milliseconds that the work takes at the machine's full speed. */
    public double floorMillis(MachineSpeed machine) {
        double perSecond = unit == Unit.BYTES ? machine.gigabytesPerSecond() * 1e9 : machine.gigaflops() * 1e9;
        return amount / perSecond * 1e3;
    }
}

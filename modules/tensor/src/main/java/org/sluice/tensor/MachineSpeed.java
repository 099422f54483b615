package org.sluice.tensor;

/**
 * What a machine does at most, measured: the floors of operations are counted against it.
 *
 * @param gigaflops 10^9 float32 operations a second of fused multiply-adds, each of which is two, on all cores of a backend at once
 * @param gigabytesPerSecond 10^9 bytes a second that are read and written together while a tensor larger than the caches is copied
 */
public record MachineSpeed(double gigaflops, double gigabytesPerSecond) {

    /** @throws IllegalArgumentException if a speed is not positive and finite */
    public MachineSpeed {
        require("multiply-adds", gigaflops, "10^9 operations");
        require("copying", gigabytesPerSecond, "10^9 bytes");
    }

    private static void require(String what, double speed, String unit) {
        if (!(speed > 0) || !Double.isFinite(speed)) {
            throw new IllegalArgumentException("the speed of " + what + " is " + speed
                    + "; expected a finite number above 0 of " + unit + " a second");
        }
    }
}

package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.sluice.backend.nd4j.cpu.kernel.MultiplyAddKernel;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;
import org.sluice.tensor.Backend;
import org.sluice.tensor.MachineSpeed;

class MachineMeasurementTest {
    /** No operation of the kernel can be left out: its result depends on all of them. */
    @Test
    void theKernelDoesEveryMultiplyAdd() {
        int steps = 37;
        float[] out = new float[VectorMath.LANES];
        MultiplyAddKernel.run(steps, 1.01f, 0.25f, out);

        double chain = 0.25;
        for (int step = 0; step < steps; step++) {
            chain = 1.01f * chain + 0.25;
        }
        for (float lane : out) {
            assertThat((double) lane).isCloseTo(10 * chain, within(1e-5 * 10 * chain));
        }
        assertThat(MultiplyAddKernel.operations(steps)).isEqualTo(2.0 * 10 * VectorMath.LANES * steps);
    }

    /** Limits that a kernel whose vectors went to the heap would miss, and a copy that was not made, by far. */
    @Test
    void aMachineIsAsFastAsMachinesAre() {
        try (Backend backend = new CpuBackendProvider().open(1)) {
            MachineSpeed speed = backend.measureMachine().orElseThrow();
            assertThat(speed.gigaflops()).isBetween(10.0, 1000.0);
            assertThat(speed.gigabytesPerSecond()).isBetween(0.5, 1000.0);
        }
    }
}

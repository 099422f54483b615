package org.sluice.backend.nd4j.cpu;

import org.sluice.tensor.Backend;
import org.sluice.tensor.contract.BackendContract;

/** The contract, on two cores. */
final class CpuBackendTest extends BackendContract {
    @Override
    protected Backend open() {
        return new CpuBackendProvider().open(2);
    }
}

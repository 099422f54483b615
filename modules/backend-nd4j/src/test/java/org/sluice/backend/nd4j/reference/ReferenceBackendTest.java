package org.sluice.backend.nd4j.reference;

import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.contract.BackendContract;

/** Holds the reference to the whole contract, found as a job finds it. */
class ReferenceBackendTest extends BackendContract {

    @Override
    protected Backend open() {
        return Backends.open("reference", 2);
    }
}

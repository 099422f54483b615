package org.sluice.tensor.contract;

import org.junit.jupiter.api.Nested;
import org.sluice.tensor.Backend;

/** All of the contract's tests. A backend's module extends this class and says how to open the backend. */
public abstract class BackendContract {

    /** Opens the backend under test; each family of tests opens and closes its own. */
    protected abstract Backend open();

    @Nested
    class ArenaTests extends ArenaContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class MemoryTests extends MemoryContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class LinearAlgebraTests extends LinearAlgebraContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class NormalisationTests extends NormalisationContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class ClipTests extends ClipContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class AttentionTests extends AttentionContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class CachedAttentionTests extends CachedAttentionContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class GatesTests extends GatesContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class SwitchHeadsTests extends SwitchHeadsContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class SwiGluTests extends SwiGluContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class RouterTests extends RouterContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class MixtureTests extends MixtureContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class LossTests extends LossContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class OptimisationTests extends OptimisationContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }

    @Nested
    class StatisticsTests extends StatisticsContract {
        @Override
        Backend open() {
            return BackendContract.this.open();
        }
    }
}

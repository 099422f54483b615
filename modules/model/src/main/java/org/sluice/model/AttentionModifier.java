package org.sluice.model;

import java.io.Serializable;

/**
 * What stands at one position of every attention layer and changes the values that pass there. A position without one lets them pass.
 *
 * <p>A new variant of attention is a value of one of these records; a new kind is one more record and one more {@link Passage}.
 */
public sealed interface AttentionModifier extends Serializable permits GateConfig, HeadNorm, SwitchHeads {

    /** Where it stands; a layer has at most one modifier at each position. */
    GatePosition position();
}

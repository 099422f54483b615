package org.sluice.model;

/** What a decoder is made for; it decides which memory it has. */
public enum DecoderMode {
    /** Gradients are there, and each layer keeps what its backward needs. */
    TRAINING,
    /** Forward only; all layers share the memory of one. */
    EVALUATION
}

package org.sluice.cluster;

/**
 * What one worker sends to the owner of one slice at the end of a round. Its parameters are sent, not their difference to the global
 * ones: so the mean of one worker is that worker, bit for bit, which {@code p + (q - p)} is not in floating point.
 *
 * @param slice the slice's index
 * @param worker who sends it
 * @param weight the targets that the worker trained on in the round
 * @param parameters the worker's values, fp32, little-endian
 * @param report what the worker did, with slice 0; null with all others
 */
@SuppressWarnings("ArrayRecordComponent") // A contribution is its bytes, and is never compared.
record Contribution(int slice, int worker, long weight, byte[] parameters, WorkerReport report) {}

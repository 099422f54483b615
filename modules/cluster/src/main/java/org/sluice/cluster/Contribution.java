package org.sluice.cluster;

import java.util.List;

/**
 * What one worker sends to the owner of one slice at the end of a round. Its parameters are sent, not their difference to the global
 * ones: so the mean of one worker is that worker, bit for bit, which {@code p + (q - p)} is not in floating point.
 *
 * @param slice the slice's index
 * @param worker who sends it
 * @param targets the targets that the worker trained on in the round: its weight in the mean
 * @param experts the parts of the slice in which it has another weight, ascending and disjoint, the same parts from each worker
 * @param parameters the worker's values, fp32, little-endian
 * @param report what the worker did, with slice 0; null with all others
 */
@SuppressWarnings("ArrayRecordComponent") // A contribution is its bytes, and is never compared.
record Contribution(
        int slice, int worker, long targets, List<ExpertRun> experts, byte[] parameters, WorkerReport report) {}

package org.sluice.cluster;

import java.util.List;

/**
 * What is sent to the owner of one slice at the end of a round: by one worker, or by all workers of an executor together.
 *
 * <p>In {@link WireFormat#FP32} the worker's parameters are sent, not their difference to the global ones: so the mean of one worker is that
 * worker, bit for bit, which {@code p + (q - p)} is not in floating point. In the other formats the difference is sent, see {@link
 * GlobalCopy}.
 *
 * @param slice the slice's index
 * @param workers whose it is, at least one, ascending
 * @param targets the targets that they trained on in the round: the weight in the mean
 * @param experts the parts of the slice in which it has another weight, ascending and disjoint, the same parts from each worker
 * @param values the values, in the bytes of the {@link WireCodec}; of several workers their mean
 */
@SuppressWarnings("ArrayRecordComponent") // A contribution is its bytes, and is never compared.
record Contribution(int slice, List<Integer> workers, long targets, List<ExpertRun> experts, byte[] values) {

    /** The first of its workers: what the owner adds up is in the order of these. */
    int worker() {
        return workers.get(0);
    }
}

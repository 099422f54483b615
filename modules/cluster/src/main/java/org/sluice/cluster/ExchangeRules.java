package org.sluice.cluster;

import java.io.Serializable;

/**
 * What the bits of the exchange depend on, beside the workers.
 *
 * @param optimizer how the workers' mean becomes the next version
 * @param steps all steps of the training, which the optimizer's schedule goes over
 * @param format what travels
 * @param partialSums whether the workers of an executor are averaged there before anything travels
 */
record ExchangeRules(OuterOptimizer optimizer, long steps, WireFormat format, boolean partialSums)
        implements Serializable {

    static ExchangeRules of(TrainingPlan plan) {
        ClusterConfig cluster = plan.cluster();
        return new ExchangeRules(cluster.outer(), plan.training().steps(), cluster.wireFormat(), cluster.partialSums());
    }

    /** Whether owners keep more than the parameters: a momentum, or what rounding left over. */
    boolean ownersKeepMore() {
        return format.keepsResiduals() || optimizer.keepsMomentum();
    }

    /** The outer learning rate of a round. */
    double rate(RoundOrder order) {
        return optimizer.rate(order.firstStep() + order.localSteps(), steps);
    }
}

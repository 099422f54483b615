package org.sluice.evaluation;

/**
 * How well a model predicts the held-out text of one domain.
 *
 * @param loss the mean cross-entropy in nats a token
 * @param perplexity {@code exp(loss)}
 * @param tokens the predicted tokens
 */
public record DomainLoss(double loss, double perplexity, long tokens) {

    static DomainLoss of(LossSum sum) {
        double loss = sum.sum() / sum.targets();
        return new DomainLoss(loss, Math.exp(loss), sum.targets());
    }
}

package org.sluice.experiments;

import java.util.Locale;

/**
 * How the paper trained a row.
 *
 * @param learningRate the peak; 0 where the paper does not say it
 * @param sequences of a step; 0 where the paper does not say it
 * @param contextLength the positions of a sequence
 * @param billionTokens the positions of the whole training, in 10^9
 */
public record PaperTraining(double learningRate, int sequences, int contextLength, int billionTokens) {

    /** The same with another peak learning rate. */
    PaperTraining at(double otherLearningRate) {
        return new PaperTraining(otherLearningRate, sequences, contextLength, billionTokens);
    }

    /** In words: {@code 400B tokens, learning rate 2.0e-3, batch 1024 x 4096}. */
    @Override
    public String toString() {
        String rate =
                learningRate == 0 ? "" : String.format(Locale.ROOT, ", learning rate %.1fe-3", learningRate * 1e3);
        String batch =
                sequences == 0 ? ", sequences of " + contextLength : ", batch " + sequences + " x " + contextLength;
        return tokens() + rate + batch;
    }

    private String tokens() {
        if (billionTokens < 1000) {
            return billionTokens + "B tokens";
        }
        String trillions = billionTokens % 1000 == 0
                ? Integer.toString(billionTokens / 1000)
                : Double.toString(billionTokens / 1000.0);
        return trillions + "T tokens";
    }
}

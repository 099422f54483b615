package org.sluice.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.model.ExpertCounts;
import org.sluice.model.RouterSums;

class ExpertLoadTest {
    private static RouterSums sums(int layers, int experts, long[] counts, double[] probabilities, long rows) {
        double[] squares = new double[layers];
        Arrays.setAll(squares, layer -> rows * (layer + 0.5));
        return new RouterSums(new ExpertCounts(layers, experts, counts), probabilities, squares, rows);
    }

    @ParameterizedTest
    @CsvSource({"1,2,1", "3,5,2", "2,16,4", "4,1,1"})
    void equalsPlainLoops(int layers, int experts, int chosen) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        long rows = random.nextLong(1, 51);
        long[] counts = new long[layers * experts];
        double[] probabilities = new double[layers * experts];
        for (int layer = 0; layer < layers; layer++) {
            for (long row = 0; row < rows; row++) {
                int first = random.nextInt(experts);
                for (int choice = 0; choice < chosen; choice++) {
                    counts[layer * experts + (first + choice) % experts]++;
                }
                for (int expert = 0; expert < experts; expert++) {
                    probabilities[layer * experts + expert] += random.nextDouble();
                }
            }
        }
        double balance = 0;
        double entropy = 0;
        double largest = 0;
        double zLoss = 0;
        int idle = 0;
        for (int layer = 0; layer < layers; layer++) {
            for (int expert = 0; expert < experts; expert++) {
                int at = layer * experts + expert;
                double share = counts[at] / ((double) rows * chosen);
                balance += experts * share * probabilities[at] / rows / layers;
                entropy -= share == 0 ? 0 : share * Math.log(share) / Math.log(experts) / layers;
                largest = Math.max(largest, share);
                idle += share == 0 ? 1 : 0;
            }
            zLoss += (layer + 0.5) / layers;
        }
        ExpertLoad load = ExpertLoad.of(sums(layers, experts, counts, probabilities, rows));
        assertThat(load.loadBalanceLoss()).isCloseTo(balance, within(1e-12 * balance));
        assertThat(load.routerZLoss()).isCloseTo(zLoss, within(1e-12));
        assertThat(load.largestShare()).isCloseTo(largest, within(1e-15));
        assertThat(load.idleShare()).isCloseTo((double) idle / (layers * experts), within(1e-15));
        assertThat(load.entropy()).isCloseTo(experts == 1 ? 1 : entropy, within(1e-12));
    }

    @Test
    void oneExpertThatTakesEverythingAndEqualSharesAreTheEnds() {
        ExpertLoad alone = ExpertLoad.of(sums(1, 4, new long[] {7, 0, 0, 0}, new double[] {7, 0, 0, 0}, 7));
        assertThat(alone.loadBalanceLoss()).isEqualTo(4);
        assertThat(alone.largestShare()).isEqualTo(1);
        assertThat(alone.idleShare()).isEqualTo(0.75);
        assertThat(alone.entropy()).isZero();
        ExpertLoad even = ExpertLoad.of(sums(1, 4, new long[] {2, 2, 2, 2}, new double[] {1, 1, 1, 1}, 4));
        assertThat(even.loadBalanceLoss()).isEqualTo(1);
        assertThat(even.largestShare()).isEqualTo(0.25);
        assertThat(even.idleShare()).isZero();
        assertThat(even.entropy()).isCloseTo(1, within(1e-15));
    }

    @Test
    void whereNothingWasRoutedAllExpertsAreIdle() {
        assertThat(ExpertLoad.of(sums(2, 3, new long[6], new double[6], 0))).isEqualTo(new ExpertLoad(0, 0, 0, 1, 0));
    }

    @Test
    void aDenseModelHasNoLoad() {
        assertThatThrownBy(() -> ExpertLoad.of(sums(2, 0, new long[0], new double[0], 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("dense");
    }
}

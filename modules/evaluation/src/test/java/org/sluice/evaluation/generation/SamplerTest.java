package org.sluice.evaluation.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final double[] TEMPERATURES = {0, 0.3, 1, 2.5};
    private static final int[] TOP_KS = {0, 1, 2, 5, 100};
    private static final double[] TOP_PS = {1e-9, 0.23, 0.71, 0.983, 1};

    private static SplittableRandom random() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new SplittableRandom(seed);
    }

    /** Logits of which several are equal. */
    private static double[] logits(SplittableRandom random, int count) {
        double[] logits = new double[count];
        Arrays.setAll(logits, token -> random.nextInt(-8, 9) / 2.0);
        return logits;
    }

    @Test
    void everyDrawIsTheOneThatTheTwinMakesOfTheSameNumber() {
        SplittableRandom random = random();
        for (int trial = 0; trial < 40; trial++) {
            double[] logits = logits(random, random.nextInt(1, 40));
            for (double temperature : TEMPERATURES) {
                for (int topK : TOP_KS) {
                    for (double topP : TOP_PS) {
                        SamplingConfig config = new SamplingConfig(temperature, topK, topP);
                        compareDraws(config, logits, random.nextLong());
                    }
                }
            }
        }
    }

    private static void compareDraws(SamplingConfig config, double[] logits, long seed) {
        double[] probabilities = PlainSampling.probabilities(config, logits);
        Sampler sampler = new Sampler(config, new SplittableRandom(seed));
        SplittableRandom numbers = new SplittableRandom(seed);
        for (int draw = 0; draw < 5; draw++) {
            double number = numbers.nextDouble();
            int token = sampler.next(logits, 0, logits.length);
            double before = Arrays.stream(probabilities, 0, token).sum();
            assertThat(probabilities[token])
                    .as("probability of token %d of %s by %s", token, Arrays.toString(logits), config)
                    .isPositive();
            if (config.temperature() > 0) {
                assertThat(number)
                        .as("token %d of %s by %s", token, Arrays.toString(logits), config)
                        .isBetween(before - 1e-9, before + probabilities[token] + 1e-9);
            }
        }
    }

    @Test
    void tokensComeAsOftenAsTheirProbabilitiesSay() {
        SplittableRandom random = random();
        double[] logits = logits(random, 12);
        int draws = 20_000;
        for (SamplingConfig config :
                List.of(new SamplingConfig(1, 0, 1), new SamplingConfig(0.7, 5, 0.9), new SamplingConfig(2, 0, 0.8))) {
            double[] probabilities = PlainSampling.probabilities(config, logits);
            Sampler sampler = new Sampler(config, random.split());
            int[] counts = new int[logits.length];
            for (int draw = 0; draw < draws; draw++) {
                counts[sampler.next(logits, 0, logits.length)]++;
            }
            for (int token = 0; token < counts.length; token++) {
                double expected = draws * probabilities[token];
                assertThat(Math.abs(counts[token] - expected))
                        .as("token %d by %s: %d of %d, expected %.1f", token, config, counts[token], draws, expected)
                        .isLessThanOrEqualTo(6 * Math.sqrt(expected * (1 - probabilities[token])) + 1e-6);
            }
        }
    }

    @Test
    void greedyTakesTheFirstOfEqualOnesAndNoRandomNumber() {
        SplittableRandom numbers = new SplittableRandom(1);
        Sampler sampler = new Sampler(SamplingConfig.GREEDY, numbers);
        assertThat(sampler.next(new double[] {9, 1, 3, 3, 2}, 1, 4)).isEqualTo(1);
        assertThat(numbers.nextLong()).isEqualTo(new SplittableRandom(1).nextLong());
    }

    @Test
    void logitsBehindTheTokenizersAreNeverDrawn() {
        SplittableRandom random = random();
        Sampler sampler = new Sampler(new SamplingConfig(3, 0, 1), random);
        for (int draw = 0; draw < 200; draw++) {
            assertThat(sampler.next(new double[] {1000, 0, 0, 1000}, 1, 2)).isBetween(0, 1);
        }
    }

    @Test
    void theRankingIsTheSortedOrder() {
        SplittableRandom random = random();
        for (int trial = 0; trial < 200; trial++) {
            double[] logits = logits(random, random.nextInt(1, 60));
            LogitRanking ranking = new LogitRanking(logits, 0, logits.length);
            int before = ranking.next();
            for (int taken = 1; taken < logits.length; taken++) {
                int token = ranking.next();
                assertThat(logits[token] < logits[before] || (logits[token] == logits[before] && token > before))
                        .as("%d before %d of %s", before, token, Arrays.toString(logits))
                        .isTrue();
                before = token;
            }
            assertThat(ranking.isEmpty()).isTrue();
        }
    }

    @Test
    void numbersThatAreNoneAreRefused() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            Sampler sampler = new Sampler(SamplingConfig.GREEDY, new SplittableRandom(1));
            assertThatThrownBy(() -> sampler.next(new double[] {0, 1, bad}, 0, 3))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("logit " + bad + " for token 2");
        }
        assertThatThrownBy(() -> new SamplingConfig(-0.1, 0, 1)).hasMessageContaining("temperature is -0.1");
        assertThatThrownBy(() -> new SamplingConfig(Double.NaN, 0, 1)).hasMessageContaining("temperature is NaN");
        assertThatThrownBy(() -> new SamplingConfig(1, -1, 1)).hasMessageContaining("top-k is -1");
        assertThatThrownBy(() -> new SamplingConfig(1, 0, 0)).hasMessageContaining("top-p is 0.0");
        assertThatThrownBy(() -> new SamplingConfig(1, 0, 1.1)).hasMessageContaining("top-p is 1.1");
    }
}

package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RopeConfigTest {

    @Test
    void withoutYarnPairITurnsByThePowerOfTheBase() {
        assertThat(RopeConfig.of(10_000).frequencies(8))
                .containsExactly(new double[] {1, 0.1, 0.01, 0.001}, within(1e-15));
        assertThat(RopeConfig.of(100).yarn().isPresent()).isFalse();
        assertThat(RopeConfig.of(100).yarn().attentionFactor()).isEqualTo(1);
    }

    @Test
    void yarnKeepsFastPairsSlowsSlowOnesAndRampsBetween() {
        // In 4096 tokens the pairs make 4096 / 2 pi = 651.9, 65.19, 6.519 and 0.6519 turns. 32 turns lie between pairs
        // 1 and 2
        // (651.9 / 10^1.31), so the ramp starts at pair 1; 1 turn lies between pairs 2 and 3 (651.9 / 10^2.81), so it
        // ends at pair 3.
        // Pair 2 is half way: 0.01 (1/2 + 1/2 / 4). Pair 3 is slowed down fully: 0.001 / 4.
        RopeConfig config = new RopeConfig(10_000, RopeConfig.Yarn.of(4, 4096));

        assertThat(config.frequencies(8)).containsExactly(new double[] {1, 0.1, 0.00625, 0.00025}, within(1e-15));
        // 0.1 ln 4 + 1, with ln 4 = 1.3862943611.
        assertThat(config.yarn().attentionFactor()).isCloseTo(1.13862943611, offset(1e-11));
    }

    @Test
    void yarnOfAHeadOf128IsThatOfTheTwin() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int attempt = 0; attempt < 100; attempt++) {
            RopeConfig.Yarn yarn = RopeConfig.Yarn.of(random.nextDouble(1, 40), random.nextInt(64, 100_000));
            RopeConfig config = new RopeConfig(random.nextDouble(50, 2e6), yarn);
            int headDim = 2 * random.nextInt(1, 65);
            PlainRope twin = new PlainRope(config, headDim);
            double[] frequencies = config.frequencies(headDim);
            for (int pair = 0; pair < headDim / 2; pair++) {
                assertThat(frequencies[pair])
                        .as("pair %d of %d, %s", pair, headDim / 2, config)
                        .isCloseTo(twin.frequency(pair), within(1e-12 * twin.frequency(pair)));
            }
        }
    }

    @Test
    void anExtensionToTheSameLengthChangesNothing() {
        RopeConfig extended = new RopeConfig(500, RopeConfig.Yarn.of(1, 128));

        assertThat(extended.frequencies(10)).isEqualTo(RopeConfig.of(500).frequencies(10));
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> RopeConfig.of(1)).hasMessage("ropeBase (1.0) must be a finite number above 1");
        assertThatThrownBy(() -> RopeConfig.of(Double.NaN)).hasMessageContaining("ropeBase (NaN)");
        assertThatThrownBy(() -> RopeConfig.Yarn.of(0.5, 128))
                .hasMessage("yarn factor (0.5) must be a finite number of at least 1");
        assertThatThrownBy(() -> RopeConfig.Yarn.of(Double.NaN, 128)).hasMessageContaining("yarn factor (NaN)");
        assertThatThrownBy(() -> RopeConfig.Yarn.of(2, 0)).hasMessage("yarn originalLength (0) must be at least 1");
        assertThatThrownBy(() -> new RopeConfig.Yarn(2, 128, 1, 1))
                .hasMessage("yarn betaFast (1.0) must be above betaSlow (1.0), and that above 0");
        assertThatThrownBy(() -> new RopeConfig.Yarn(2, 128, 32, 0)).hasMessageContaining("and that above 0");
    }

    @Test
    void theSettingsAreSaidInWords() {
        assertThat(RopeConfig.of(1_000_000)).hasToString("base 1000000");
        assertThat(RopeConfig.of(10.5)).hasToString("base 10.5");
        assertThat(new RopeConfig(10_000, RopeConfig.Yarn.of(4, 32_768)))
                .hasToString("base 10000, YaRN factor 4.0 from 32768");
    }
}

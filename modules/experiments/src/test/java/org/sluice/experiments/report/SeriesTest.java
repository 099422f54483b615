package org.sluice.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeriesTest {

    @Test
    void smoothingIsTheMeanOfTheWindowKeepsAStraightLineAndEndsInOne() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Double> values = new ArrayList<>();
        List<Double> line = new ArrayList<>();
        for (int index = 0; index < 57; index++) {
            values.add(random.nextGaussian());
            line.add(3.0 - 0.5 * index);
        }
        int radius = 4;

        List<Series.Point> smoothed =
                Series.perLayer("v", values).smoothed(radius).points();
        List<Series.Point> straight =
                Series.perLayer("v", line).smoothed(radius).points();

        for (int index = 0; index < values.size(); index++) {
            assertThat(straight.get(index).y()).isCloseTo(line.get(index), within(1e-9));
        }
        for (int index = 0; index < values.size() - radius; index++) {
            int reach = Math.min(radius, index);
            double sum = 0;
            for (int near = index - reach; near <= index + reach; near++) {
                sum += values.get(near);
            }
            assertThat(smoothed.get(index).y()).isCloseTo(sum / (2 * reach + 1), within(1e-9));
        }
        // The line of least squares is the one whose errors add up to nothing and do not grow or fall along it.
        List<Series.Point> end = smoothed.subList(values.size() - radius, values.size());
        double slope = end.get(1).y() - end.get(0).y();
        double errors = 0;
        double moments = 0;
        for (int index = values.size() - 2 * radius - 1; index < values.size(); index++) {
            double error = values.get(index)
                    - end.get(0).y()
                    - slope * (index - end.get(0).x());
            errors += error;
            moments += error * index;
        }
        assertThat(errors).isCloseTo(0, within(1e-9));
        assertThat(moments).isCloseTo(0, within(1e-7));
        assertThat(end.get(radius - 1).y()).isCloseTo(end.get(0).y() + slope * (radius - 1), within(1e-9));
    }

    @Test
    void thinningKeepsTheEnds() {
        List<Double> values = new ArrayList<>();
        for (int index = 0; index < 1001; index++) {
            values.add((double) index);
        }

        List<Series.Point> thinned = Series.perLayer("v", values).thinned(100).points();

        assertThat(thinned).hasSizeLessThanOrEqualTo(101);
        assertThat(thinned.get(0).x()).isZero();
        assertThat(thinned.get(thinned.size() - 1).x()).isEqualTo(1000);
        assertThat(Series.perLayer("v", List.of(1.0, 2.0)).thinned(2).points()).hasSize(2);
    }

    @Test
    void whatIsNotANumberIsLeftOut() {
        Series series = Series.perLayer("v", List.of(1.0, Double.NaN, Double.POSITIVE_INFINITY, 4.0));

        assertThat(series.points()).containsExactly(new Series.Point(0, 1), new Series.Point(3, 4));
    }
}

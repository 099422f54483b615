package org.sluice.experiments.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BoundedCurveTest {

    @Test
    void aFewPointsStayAsTheyAre() {
        JsonNode curve = written(curve(3, 1.5, 2.5, 0.5));

        assertThat(curve.toString())
                .isEqualTo(
                        "{\"x\":[1,2,3],\"loss\":{\"mean\":[1.5,2.5,0.5],\"lowest\":[1.5,2.5,0.5],\"highest\":[1.5,2.5,0.5]}}");
    }

    @Test
    void neighboursBecomeOneWithTheirMeanAndRange() {
        JsonNode curve = written(curve(3, 1, 2, 10, 20, 5));

        assertThat(curve.toString())
                .isEqualTo(
                        "{\"x\":[2,4,5],\"loss\":{\"mean\":[1.5,15.0,5.0],\"lowest\":[1.0,10.0,5.0],\"highest\":[2.0,20.0,5.0]}}");
    }

    @Test
    void whatIsNotFiniteIsLeftOut() {
        JsonNode curve = written(curve(2, Double.NaN, 4, Double.NaN, Double.POSITIVE_INFINITY));

        assertThat(curve.toString())
                .isEqualTo("{\"x\":[2,4],\"loss\":{\"mean\":[4.0,null],\"lowest\":[4.0,null],\"highest\":[4.0,null]}}");
    }

    @Test
    void aSpikeIsSeenAmongThousandsOfSteps() {
        long seed = 4_711;
        System.out.println("seed: " + seed);
        Random random = new Random(seed);
        int steps = 30_000 + random.nextInt(20_000);
        int spike = 1 + random.nextInt(steps);
        BoundedCurve curve = new BoundedCurve(100, List.of("loss"));
        double sum = 0;
        for (int step = 1; step <= steps; step++) {
            double loss = step == spike ? 50 : random.nextDouble();
            sum += loss;
            curve.add(step, loss);
        }

        JsonNode written = written(curve);

        assertThat(written.path("x").size()).isBetween(50, 100);
        assertThat(curve.last()).isEqualTo(steps);
        double largest = 0;
        double weighted = 0;
        long before = 0;
        for (int point = 0; point < written.path("x").size(); point++) {
            long x = written.path("x").get(point).longValue();
            assertThat(x).isGreaterThan(before);
            weighted += written.at("/loss/mean/" + point).doubleValue() * (x - before);
            largest = Math.max(largest, written.at("/loss/highest/" + point).doubleValue());
            before = x;
        }
        assertThat(largest).isEqualTo(50);
        assertThat(weighted).isCloseTo(sum, withPercentage(0.001));
    }

    private static BoundedCurve curve(int most, double... losses) {
        BoundedCurve curve = new BoundedCurve(most, List.of("loss"));
        for (int step = 1; step <= losses.length; step++) {
            curve.add(step, losses[step - 1]);
        }
        return curve;
    }

    private static ObjectNode written(BoundedCurve curve) {
        ObjectNode target = JsonNodeFactory.instance.objectNode();
        curve.write(target);
        return target;
    }
}

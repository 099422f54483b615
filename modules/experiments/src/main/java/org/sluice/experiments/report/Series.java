package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * Points of a chart that belong together.
 *
 * @param name in the legend
 * @param points in ascending order of {@code x}
 */
record Series(String name, List<Point> points) {
    /** A point; a chart leaves out one whose value is not finite. */
    record Point(double x, double y) {
        boolean isFinite() {
            return Double.isFinite(x) && Double.isFinite(y);
        }
    }

    Series {
        points = points.stream().filter(Point::isFinite).toList();
    }

    /** The smallest value of several series. */
    static OptionalDouble lowest(List<Series> series) {
        return values(series).min();
    }

    /** The largest value of several series. */
    static OptionalDouble highest(List<Series> series) {
        return values(series).max();
    }

    private static DoubleStream values(List<Series> series) {
        return series.stream().flatMap(each -> each.points.stream()).mapToDouble(Point::y);
    }

    /** One value a layer, from layer 0. */
    static Series perLayer(String name, List<Double> values) {
        List<Point> points = new ArrayList<>();
        for (int layer = 0; layer < values.size(); layer++) {
            points.add(new Point(layer, values.get(layer)));
        }
        return new Series(name, points);
    }

    /**
     * The mean over a window around each point. At the start, where a loss falls steeply, the window shrinks on both sides alike. At the end,
     * where it would shrink to one noisy point, it keeps its length and a straight line through it takes the place of the mean. Neither has a
     * lag.
     *
     * @param radius how many points on each side, at least 1
     */
    Series smoothed(int radius) {
        double[] sums = new double[points.size() + 1];
        for (int index = 0; index < points.size(); index++) {
            sums[index + 1] = sums[index] + points.get(index).y();
        }
        List<Point> means = new ArrayList<>();
        for (int index = 0; index < points.size(); index++) {
            int reach = Math.min(radius, index);
            double mean = index + reach < points.size()
                    ? (sums[index + reach + 1] - sums[index - reach]) / (2 * reach + 1)
                    : lineThrough(Math.max(0, points.size() - 2 * radius - 1), index);
            means.add(new Point(points.get(index).x(), mean));
        }
        return new Series(name, means);
    }

    /** What the straight line of least squares through all points from one on has at another. */
    private double lineThrough(int from, int index) {
        double centre = (from + points.size() - 1) / 2.0;
        double mean = 0;
        double products = 0;
        double squares = 0;
        for (int at = from; at < points.size(); at++) {
            mean += points.get(at).y() / (points.size() - from);
            products += (at - centre) * points.get(at).y();
            squares += (at - centre) * (at - centre);
        }
        return squares == 0 ? mean : mean + (index - centre) * products / squares;
    }

    /** Every so many-th point and the last, so that at most about {@code most} remain: more than a screen can show helps nobody. */
    Series thinned(int most) {
        int stride = (points.size() + most - 1) / most;
        if (stride <= 1) {
            return this;
        }
        List<Point> kept = new ArrayList<>();
        for (int index = 0; index < points.size() - 1; index += stride) {
            kept.add(points.get(index));
        }
        kept.add(points.get(points.size() - 1));
        return new Series(name, kept);
    }
}

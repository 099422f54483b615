package org.sluice.experiments.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/**
 * Figures over steps, or over rounds, in a bounded number of points. Where there would be more, each two neighbours become one; it keeps the mean
 * and the range, so that a spike of one step is still seen among millions. Values that are not finite are left out.
 */
final class BoundedCurve {
    private final int most;
    private final List<String> columns;
    private List<Point> points = new ArrayList<>();
    private long width = 1;

    /**
     * @param most the points that are kept, at least 2
     * @param columns the names of the figures
     */
    BoundedCurve(int most, List<String> columns) {
        this.most = most;
        this.columns = List.copyOf(columns);
    }

    /**
     * Adds a step or round.
     *
     * @param x its number, from 1, larger than those before
     * @param values one for each column
     */
    void add(long x, double... values) {
        append(points, new Point(x, values));
        while (points.size() > most) {
            width *= 2;
            List<Point> joined = new ArrayList<>();
            points.forEach(point -> append(joined, point));
            points = joined;
        }
    }

    private void append(List<Point> target, Point point) {
        Point last = target.isEmpty() ? null : target.get(target.size() - 1);
        if (last != null && (last.x - 1) / width == (point.x - 1) / width) {
            last.join(point);
        } else {
            target.add(point);
        }
    }

    /** The number of the last step or round; 0 if there is none. */
    long last() {
        return points.isEmpty() ? 0 : points.get(points.size() - 1).x;
    }

    int size() {
        return points.size();
    }

    /** Writes {@code x}, the last step or round of each point, and of each column {@code mean}, {@code lowest} and {@code highest}. */
    void write(ObjectNode target) {
        ArrayNode numbers = target.putArray("x");
        points.forEach(point -> numbers.add(point.x));
        for (int column = 0; column < columns.size(); column++) {
            ObjectNode figures = target.putObject(columns.get(column));
            write(figures.putArray("mean"), column, Point::mean);
            write(figures.putArray("lowest"), column, (point, at) -> point.lowest[at]);
            write(figures.putArray("highest"), column, (point, at) -> point.highest[at]);
        }
    }

    private void write(ArrayNode target, int column, ToDoubleBiFunction<Point, Integer> figure) {
        points.forEach(point -> {
            // Seven digits are more than a screen can show.
            float value = (float) figure.applyAsDouble(point, column);
            if (Float.isFinite(value)) {
                target.add(value);
            } else {
                target.addNull();
            }
        });
    }

    private static final class Point {
        private long x;
        private final double[] sums;
        private final long[] counts;
        private final double[] lowest;
        private final double[] highest;

        Point(long x, double[] values) {
            this.x = x;
            this.sums = new double[values.length];
            this.counts = new long[values.length];
            this.lowest = new double[values.length];
            this.highest = new double[values.length];
            Arrays.fill(lowest, Double.POSITIVE_INFINITY);
            Arrays.fill(highest, Double.NEGATIVE_INFINITY);
            for (int column = 0; column < values.length; column++) {
                if (Double.isFinite(values[column])) {
                    sums[column] = values[column];
                    counts[column] = 1;
                    lowest[column] = values[column];
                    highest[column] = values[column];
                }
            }
        }

        void join(Point later) {
            x = later.x;
            for (int column = 0; column < sums.length; column++) {
                sums[column] += later.sums[column];
                counts[column] += later.counts[column];
                lowest[column] = Math.min(lowest[column], later.lowest[column]);
                highest[column] = Math.max(highest[column], later.highest[column]);
            }
        }

        double mean(int column) {
            return counts[column] == 0 ? Double.NaN : sums[column] / counts[column];
        }
    }
}

package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * An axis of a {@link SmallPlot}.
 *
 * @param title below or beside it; may be empty
 * @param lowest the value at its start
 * @param highest the value at its end, above {@code lowest}
 * @param scale what makes lengths on the page of values; rising
 * @param ticks the values that are labelled
 */
record PlotAxis(String title, double lowest, double highest, DoubleUnaryOperator scale, List<Tick> ticks) {
    private static final double LOGARITHMIC_FROM = 50;
    private static final double LEAST_GAP = 0.15;
    private static final List<Double> SHARES = List.of(1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001);

    /** A labelled value. */
    record Tick(double value, String label) {
        static Tick of(double value) {
            return new Tick(value, Figures.plain(value));
        }
    }

    PlotAxis {
        ticks = List.copyOf(ticks);
    }

    /** From one value to another, with these labels. */
    static PlotAxis linear(String title, double lowest, double highest, List<Tick> ticks) {
        return new PlotAxis(title, lowest, highest, DoubleUnaryOperator.identity(), ticks);
    }

    /** Layers from 0, at most about eight of them labelled. */
    static PlotAxis layers(int layers) {
        List<Tick> ticks = new ArrayList<>();
        for (int layer = 0; layer < layers; layer += (layers - 1) / 8 + 1) {
            ticks.add(new Tick(layer, Integer.toString(layer)));
        }
        return linear("layer", -0.3, layers - 0.7, ticks);
    }

    /**
     * Shares from 0 on, by their square roots: so a rare value is seen beside a peak, and the peak still towers.
     *
     * @param most the largest share that is shown
     */
    static PlotAxis shares(double most) {
        double highest = Math.max(0.02, most) * 1.05;
        List<Tick> ticks = new ArrayList<>();
        double above = 1 + LEAST_GAP;
        for (double share : SHARES) {
            double position = Math.sqrt(share / highest);
            if (position <= above - LEAST_GAP) {
                ticks.add(new Tick(share, Figures.plain(share * 100) + "%"));
                above = position;
            }
        }
        return new PlotAxis("", 0, highest, Math::sqrt, ticks);
    }

    /** Positive values: from 0 on, or by their logarithms where small ones would lie on the axis. */
    static PlotAxis sizes(String title, double least, double most) {
        if (least > 0 && most / least > LOGARITHMIC_FROM) {
            List<Tick> ticks = new ArrayList<>();
            for (double decade = Math.pow(10, Math.floor(Math.log10(least))); decade <= most; decade *= 10) {
                ticks.add(Tick.of(decade));
            }
            double start = ticks.get(0).value();
            return new PlotAxis(title + " (logarithmic)", start, most * 1.3, Math::log10, ticks);
        }
        double highest = most > 0 ? most * 1.1 : 1;
        double step = step(highest / 3);
        List<Tick> ticks = new ArrayList<>();
        for (int index = 0; index * step < highest; index++) {
            ticks.add(Tick.of(index * step));
        }
        return linear(title, 0, highest, ticks);
    }

    /** Where a value lies, from 0 at the start of the axis to 1 at its end. */
    double position(double value) {
        double start = scale.applyAsDouble(lowest);
        return (scale.applyAsDouble(value) - start) / (scale.applyAsDouble(highest) - start);
    }

    /** 1, 2 or 5 times a power of ten, not above the given one. */
    private static double step(double atMost) {
        double decade = Math.pow(10, Math.floor(Math.log10(atMost)));
        return atMost >= 5 * decade ? 5 * decade : atMost >= 2 * decade ? 2 * decade : decade;
    }
}

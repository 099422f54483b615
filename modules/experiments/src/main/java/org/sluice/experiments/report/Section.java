package org.sluice.experiments.report;

/** A part of the page. */
@FunctionalInterface
interface Section {

    /** Writes the part; nothing at all if the run has nothing for it. */
    void write(ReportPage page);
}

package org.sluice.experiments;

import java.util.Optional;
import org.sluice.experiments.report.RunReport;

/**
 * How a comparison ended.
 *
 * @param completed whether every variant is trained and evaluated; otherwise it was asked to stop, and goes on where it was if it is
 *     run again to resume
 * @param report of the variants that are; empty if none is yet
 */
public record ComparisonOutcome(boolean completed, Optional<RunReport> report) {}

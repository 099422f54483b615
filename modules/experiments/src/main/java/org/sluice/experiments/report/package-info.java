/**
 * What a run found, for people and for programs: {@code report.json}, {@code report.html} and the table in the terminal.
 *
 * <p>All three are made from one {@link org.sluice.experiments.report.RunReport}, which holds results and nothing about looks.
 */
package org.sluice.experiments.report;

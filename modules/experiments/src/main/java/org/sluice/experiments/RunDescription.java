package org.sluice.experiments;

/**
 * What the user asked for, to be kept with the results.
 *
 * @param jobFile the text of the job file, complete; may be empty
 * @param command the command line; may be empty
 */
public record RunDescription(String jobFile, String command) {}

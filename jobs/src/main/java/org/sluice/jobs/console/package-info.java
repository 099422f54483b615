/** What the user sees: progress on standard error, results on standard output; and what the user does: ctrl-C. */
package org.sluice.jobs.console;

/** The commands of the command line. */
package org.sluice.jobs.command;

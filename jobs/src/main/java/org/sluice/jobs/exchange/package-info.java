/** A model's folder in the formats of others: what lies beside the weights, and what the command line writes and reads there. */
package org.sluice.jobs.exchange;

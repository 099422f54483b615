/** How fast one replica trains on this machine. */
package org.sluice.jobs.bench;

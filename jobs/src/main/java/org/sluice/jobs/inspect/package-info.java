/** What is known of a model before it exists: its shapes, its size, its cost. */
package org.sluice.jobs.inspect;

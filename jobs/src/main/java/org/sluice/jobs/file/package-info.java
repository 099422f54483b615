/** The job file: what a run is, as records. The keys are those of docs/job-file.md; defaults are in the resource defaults.yaml. */
package org.sluice.jobs.file;

package org.sluice.cluster;

/**
 * How training ended.
 *
 * @param status whether all steps are done
 * @param progress what is done
 * @param checkpoint the folder of the newest checkpoint
 * @param finalLoss the loss of the last step that this call did; NaN if it did none
 * @param recoveries how often it went back to a checkpoint
 * @param coresPerWorker the cores of each worker's backend
 */
public record TrainingOutcome(
        Status status, Progress progress, String checkpoint, double finalLoss, int recoveries, int coresPerWorker) {

    public enum Status {
        /** All steps are done. */
        COMPLETED,
        /** It was asked to stop; the checkpoint holds all that was done. */
        STOPPED
    }
}

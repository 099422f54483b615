package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;

/**
 * What the workers are to write into one checkpoint. It travels with the task.
 *
 * @param attempt counts what this generation of workers was told to write; unlike the version it is never the same again
 * @param round its version is the one that the checkpoint is of, its restore point that of the workers
 * @param blocks where the slices of that version lie
 * @param folder the checkpoint's folder
 * @param shares what each worker writes, in the order of the placements
 */
record CheckpointOrder(
        long attempt, RoundOrder round, VersionBlocks blocks, String folder, List<CheckpointShare> shares)
        implements Serializable {}

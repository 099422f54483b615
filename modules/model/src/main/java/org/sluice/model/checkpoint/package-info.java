/**
 * Checkpoints on any Hadoop file system, and the formats in them: safetensors for numbers, {@code config.json} as Hugging Face reads it for
 * the model's shape.
 *
 * <p>A checkpoint is a folder:
 *
 * <pre>
 * model.safetensors                    the flat parameter space; or model-00001-of-0000N.safetensors and so on, with an index
 * ...                                  what else the writer has: optimizer state, counters
 * config.json                          the model's shape, always with its gate
 * manifest.json                        format, version, length and SHA-256 of every file above, and the writer's payload
 * _COMPLETE                            written last: the SHA-256 of manifest.json
 * </pre>
 *
 * <p>Where to begin reading: {@link org.sluice.model.checkpoint.CheckpointWriter} and {@link org.sluice.model.checkpoint.Checkpoint} for
 * the folder; {@link org.sluice.model.checkpoint.ModelFile} for how a model is divided into files;
 * {@link org.sluice.model.checkpoint.SafetensorsHeader}, {@link org.sluice.model.checkpoint.SafetensorsWriter} and
 * {@link org.sluice.model.checkpoint.SafetensorsReader} for one file; {@link org.sluice.model.checkpoint.ModelConfigJson} for the shape.
 *
 * <p>Nothing here holds a whole model in memory, and nothing relies on rename, on times, or on a file system's own checksums.
 */
package org.sluice.model.checkpoint;

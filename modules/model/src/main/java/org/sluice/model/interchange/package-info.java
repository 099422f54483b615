/**
 * Models in the formats that others read: safetensors under the names of Hugging Face, with the gate where each of them keeps it.
 *
 * <p>A format is a {@link org.sluice.model.interchange.ForeignFormat}: it says which models it can express, and why not the others. Each
 * tensor of its files is made of pieces of the flat parameter space, and {@code TensorMap} is the one place that says of which; writing
 * and reading both follow it, so the one is the inverse of the other. {@code ForeignConfig} does the same for {@code config.json}.
 *
 * <p>Where to begin reading: {@link org.sluice.model.interchange.ForeignModelWriter} writes a checkpoint in a format,
 * {@link org.sluice.model.interchange.ForeignModel} reads such a folder, whoever wrote it, and
 * {@link org.sluice.model.interchange.ForeignModelImport} makes a checkpoint of it.
 *
 * <p>Nothing here holds a whole model, or a whole tensor, in memory.
 */
package org.sluice.model.interchange;

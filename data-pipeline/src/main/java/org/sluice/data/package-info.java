/**
 * From a corpus to token blocks, on Spark SQL.
 *
 * <p>{@link org.sluice.data.DatasetPreparation} turns a {@link org.sluice.data.DataConfig} into a folder of token blocks;
 * {@link org.sluice.data.Dataset} reads that folder anywhere, without Spark.
 *
 * <p>What the words mean here:
 *
 * <ul>
 *   <li>document: one piece of text; it becomes its tokens and one end-of-text token
 *   <li>stream: the documents of one bucket of one domain, on one side of the held-out split, one after another
 *   <li>block: {@code L + 1} consecutive tokens of a stream; its last token is also the first of the stream's next block, so
 *       that each position of the stream is predicted once
 *   <li>shard: a Parquet file of consecutive blocks
 * </ul>
 *
 * <p>The result depends on the documents and the configuration only: not on the number of cores or executors, not on how the
 * documents are spread over files, not on the order in which files are listed.
 */
package org.sluice.data;

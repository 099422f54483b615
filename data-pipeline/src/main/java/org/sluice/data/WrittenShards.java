package org.sluice.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Writes the shards of blocks that come sorted by shard and, within one, by order; gives one row a shard.
 *
 * @param folder the dataset's folder
 * @param domainNames the sorted domains
 */
record WrittenShards(String folder, HadoopSettings hadoop, BlockPlan plan, String[] domainNames)
        implements MapPartitionsFunction<Row, Row> {
    static final StructType SCHEMA = new StructType()
            .add("shard", DataTypes.IntegerType)
            .add("bytes", DataTypes.LongType)
            .add("sha256", DataTypes.StringType);

    @Override
    public Iterator<Row> call(Iterator<Row> blocks) {
        List<Row> written = new ArrayList<>();
        Row block = blocks.hasNext() ? blocks.next() : null;
        while (block != null) {
            int shard = block.getInt(0);
            ShardWriter writer = new ShardWriter(new Path(folder, file(plan, shard)), hadoop.configuration());
            try (writer) {
                long number = plan.firstBlock(shard);
                while (block != null && block.getInt(0) == shard) {
                    String domain = domainNames[plan.streams().domain(block.getInt(2))];
                    writer.write(number++, block.getAs(4), TokenType.I32.read(block.<byte[]>getAs(5)), domain);
                    block = blocks.hasNext() ? blocks.next() : null;
                }
            }
            if (writer.blocks() != plan.blocks(shard)) {
                throw new IllegalStateException("shard " + shard + " got " + writer.blocks() + " blocks where "
                        + plan.blocks(shard) + " were planned");
            }
            written.add(RowFactory.create(shard, writer.bytes(), writer.sha256()));
        }
        return written.iterator();
    }

    /** A shard's path below the dataset's folder. */
    static String file(BlockPlan plan, int shard) {
        String side = plan.heldOutShard(shard) ? DatasetFiles.HELD_OUT : DatasetFiles.TRAIN;
        return side + String.format(Locale.ROOT, "/shard-%06d.parquet", plan.numberOnSide(shard));
    }
}

package org.sluice.data;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/** The documents of a configuration's inputs, read anew by each Spark job that asks for them. */
final class Corpus {
    private static final long SMALLEST_TASK_BYTES = 1L << 20;
    private static final long LARGEST_TASK_BYTES = 64L << 20;
    private static final int TASKS_A_CORE = 4;

    private final SparkSession spark;
    private final DataConfig config;
    private final CorpusListing listing;
    private final HadoopSettings hadoop;

    /** What a job makes of the documents of one task. */
    interface Reading extends Serializable {
        Iterator<Row> read(Iterator<DocumentEvent> documents);
    }

    Corpus(SparkSession spark, DataConfig config, CorpusListing listing, Configuration hadoop) {
        this.spark = spark;
        this.config = config;
        this.listing = listing;
        this.hadoop = new HadoopSettings(hadoop);
    }

    /** Applies a reading to all documents, task by task. */
    org.apache.spark.sql.Dataset<Row> read(Reading reading, StructType schema) {
        List<org.apache.spark.sql.Dataset<Row>> parts = new ArrayList<>();
        List<List<CorpusSplit>> tasks = tasks();
        if (!tasks.isEmpty()) {
            parts.add(readSplits(tasks, reading, schema));
        }
        for (int input = 0; input < config.inputs().size(); input++) {
            List<String> files = listing.parquetFiles(input);
            if (!files.isEmpty()) {
                parts.add(readParquet(input, files, reading, schema));
            }
        }
        return parts.stream().reduce(org.apache.spark.sql.Dataset::union).orElseThrow();
    }

    private List<List<CorpusSplit>> tasks() {
        List<CorpusSplit> splits = listing.splits();
        long bytes = splits.stream().mapToLong(CorpusSplit::bytes).sum();
        long goal = bytes / ((long) TASKS_A_CORE * spark.sparkContext().defaultParallelism());
        long taskBytes = Math.max(SMALLEST_TASK_BYTES, Math.min(LARGEST_TASK_BYTES, goal));
        List<List<CorpusSplit>> tasks = new ArrayList<>();
        List<CorpusSplit> task = new ArrayList<>();
        long size = 0;
        for (CorpusSplit split : splits) {
            if (!task.isEmpty() && size + split.bytes() > taskBytes) {
                tasks.add(task);
                task = new ArrayList<>();
                size = 0;
            }
            task.add(split);
            size += split.bytes();
        }
        if (!task.isEmpty()) {
            tasks.add(task);
        }
        return tasks;
    }

    private org.apache.spark.sql.Dataset<Row> readSplits(
            List<List<CorpusSplit>> tasks, Reading reading, StructType schema) {
        List<CorpusInput> inputs = config.inputs();
        HadoopSettings settings = hadoop;
        long maximumBytes = config.maximumDocumentBytes();
        List<SplitInputs> work = new ArrayList<>();
        for (List<CorpusSplit> task : tasks) {
            work.add(SplitInputs.of(task, inputs));
        }
        return spark.createDataFrame(
                JavaSparkContext.fromSparkContext(spark.sparkContext())
                        .parallelize(work, work.size())
                        .mapPartitions(iterator ->
                                reading.read(new SplitDocuments(iterator, maximumBytes, settings.configuration()))),
                schema);
    }

    private org.apache.spark.sql.Dataset<Row> readParquet(
            int input, List<String> files, Reading reading, StructType schema) {
        CorpusInput source = config.inputs().get(input);
        String[] paths = files.stream().map(Corpus::withoutGlob).toArray(String[]::new);
        org.apache.spark.sql.Dataset<Row> rows = spark.read().parquet(paths);
        int column = List.of(rows.schema().fieldNames()).indexOf(source.textField());
        if (column < 0) {
            throw new DatasetException(source.describe() + " has no column '" + source.textField()
                    + "'; its columns are " + String.join(", ", rows.schema().fieldNames())
                    + ". Set the text field to one of them");
        }
        DataType type = rows.schema().fields()[column].dataType();
        if (!(type instanceof StringType) && !(type instanceof BinaryType)) {
            throw new DatasetException(source.describe() + ": the column '" + source.textField() + "' holds "
                    + type.simpleString() + "; text must be a string or binary column");
        }
        long maximumBytes = config.maximumDocumentBytes();
        String quoted = "`" + source.textField().replace("`", "``") + "`";
        MapPartitionsFunction<Row, Row> read =
                iterator -> reading.read(new RowDocuments(iterator, input, new DocumentDecoder(maximumBytes)));
        return rows.select(
                        functions.col(quoted).cast("binary"),
                        functions.col("_metadata.file_path"),
                        functions.col("_metadata.row_index"))
                .mapPartitions(read, Encoders.row(schema));
    }

    private static String withoutGlob(String path) {
        return path.replaceAll("([{}\\[\\]*?\\\\])", "\\\\$1");
    }

    /** One task's splits with the inputs that they belong to. */
    private record SplitInputs(ArrayList<CorpusSplit> splits, ArrayList<InputSettings> inputs) implements Serializable {
        static SplitInputs of(List<CorpusSplit> splits, List<CorpusInput> inputs) {
            ArrayList<InputSettings> settings = new ArrayList<>();
            splits.forEach(split -> settings.add(InputSettings.of(inputs.get(split.input()))));
            return new SplitInputs(new ArrayList<>(splits), settings);
        }
    }

    /** The part of an input that readers need, in a form that travels. */
    private record InputSettings(ArrayList<String> include, String textField) implements Serializable {
        static InputSettings of(CorpusInput input) {
            return new InputSettings(new ArrayList<>(input.include()), input.textField());
        }
    }

    /** The documents of one task's splits, one split after another. */
    private static final class SplitDocuments implements Iterator<DocumentEvent> {
        private final Iterator<SplitInputs> work;
        private final DocumentDecoder decoder;
        private final Configuration hadoop;
        private Iterator<CorpusSplit> splits = Collections.emptyIterator();
        private Iterator<InputSettings> inputs = Collections.emptyIterator();
        private SplitReader reader;

        private SplitDocuments(Iterator<SplitInputs> work, long maximumBytes, Configuration hadoop) {
            this.work = work;
            this.decoder = new DocumentDecoder(maximumBytes);
            this.hadoop = hadoop;
            TaskCompletionListener closing = context -> close();
            TaskContext.get().addTaskCompletionListener(closing);
        }

        @Override
        public boolean hasNext() {
            while (reader == null || !reader.hasNext()) {
                if (!splits.hasNext()) {
                    if (!work.hasNext()) {
                        return false;
                    }
                    SplitInputs next = work.next();
                    splits = next.splits().iterator();
                    inputs = next.inputs().iterator();
                    continue;
                }
                InputSettings settings = inputs.next();
                reader = SplitReader.open(splits.next(), settings.include(), settings.textField(), decoder, hadoop);
            }
            return true;
        }

        @Override
        public DocumentEvent next() {
            if (!hasNext()) {
                throw new NoSuchElementException("there is no further document");
            }
            return reader.next();
        }

        private void close() {
            try {
                if (reader != null) {
                    reader.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The documents of rows of (text bytes, file, row number). */
    private static final class RowDocuments implements Iterator<DocumentEvent> {
        private final Iterator<Row> rows;
        private final int input;
        private final DocumentDecoder decoder;

        private RowDocuments(Iterator<Row> rows, int input, DocumentDecoder decoder) {
            this.rows = rows;
            this.input = input;
            this.decoder = decoder;
        }

        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public DocumentEvent next() {
            Row row = rows.next();
            String place = row.getString(1) + ", row " + row.getLong(2);
            byte[] text = row.getAs(0);
            return text == null
                    ? DocumentEvent.skip(input, place, SkipReason.MISSING_TEXT)
                    : decoder.text(input, place, text);
        }
    }
}

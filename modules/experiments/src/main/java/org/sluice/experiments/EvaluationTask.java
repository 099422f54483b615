package org.sluice.experiments;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.sluice.data.BlockReader;
import org.sluice.data.Dataset;
import org.sluice.data.TokenBlock;
import org.sluice.evaluation.Evaluator;
import org.sluice.evaluation.PartialEvaluation;
import org.sluice.model.Decoder;
import org.sluice.model.DecoderMode;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;

/** What a Spark task does: opens a backend with the task's cores and the model on it, and evaluates batches one by one. */
final class EvaluationTask implements FlatMapFunction<Iterator<EvaluationTask.Batch>, EvaluationTask.Evaluated> {
    private static final long serialVersionUID = 1L;

    private final ModelSource source;
    private final String dataset;
    private final EvaluationConfig config;
    private final Broadcast<SerializableConfiguration> hadoop;

    /** The numbers of the held-out blocks that go through the model together. */
    record Batch(List<Long> blocks) implements Serializable {}

    /**
     * The evaluation of one batch.
     *
     * @param backend that ran it, in words
     */
    record Evaluated(PartialEvaluation evaluation, String backend) implements Serializable {}

    EvaluationTask(
            ModelSource source, String dataset, EvaluationConfig config, Broadcast<SerializableConfiguration> hadoop) {
        this.source = source;
        this.dataset = dataset;
        this.config = config;
        this.hadoop = hadoop;
    }

    @Override
    public Iterator<Evaluated> call(Iterator<Batch> batches) throws IOException {
        Configuration hadoopConfiguration = hadoop.value().value();
        Dataset blocks = Dataset.open(hadoopConfiguration, dataset);
        int sequences = config.sequences();
        int length = blocks.blockLength();
        List<Evaluated> evaluated = new ArrayList<>();
        try (Backend backend = Backends.open(config.backend(), TaskContext.get().cpus());
                Decoder decoder = new Decoder(
                        source.model(), backend, source.dtype(), sequences, length, DecoderMode.EVALUATION);
                BlockReader reader = blocks.heldOutReader()) {
            source.load(decoder, backend.memory(), hadoopConfiguration);
            Evaluator evaluator = new Evaluator(backend, sequences, length);
            while (batches.hasNext()) {
                TaskContext.get().killTaskIfInterrupted();
                PartialEvaluation part =
                        evaluator.evaluate(decoder, read(reader, batches.next()).iterator());
                evaluated.add(new Evaluated(part, backend.name() + ": " + backend.description()));
            }
        }
        return evaluated.iterator();
    }

    private static List<TokenBlock> read(BlockReader reader, Batch batch) {
        List<TokenBlock> blocks = new ArrayList<>();
        for (long number : batch.blocks()) {
            blocks.addAll(reader.read(number, number + 1));
        }
        return blocks;
    }
}

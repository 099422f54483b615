package org.sluice.experiments;

import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.sluice.model.Decoder;
import org.sluice.model.DecoderConfig;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.ParameterLoading;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;

/** Where the tasks of an evaluation get a model's parameters from. It travels to them; the parameters do not. */
sealed interface ModelSource extends Serializable {

    DecoderConfig model();

    /** The type of the parameters' numbers. */
    DType dtype();

    /** Fills a decoder's parameters. */
    void load(Decoder decoder, Memory memory, Configuration hadoop) throws IOException;

    /** For messages: {@code the checkpoint hdfs://...}. */
    String inWords();

    /**
     * A checkpoint that the driver verified.
     *
     * @param folder of the checkpoint
     */
    record Stored(String folder, DecoderConfig model, DType dtype) implements ModelSource {
        static Stored of(Checkpoint checkpoint) {
            return new Stored(checkpoint.folder().toString(), checkpoint.model(), checkpoint.parameterType());
        }

        @Override
        public void load(Decoder decoder, Memory memory, Configuration hadoop) throws IOException {
            Checkpoint checkpoint = Checkpoint.openVerified(hadoop, new Path(folder));
            ParameterLoading.load(checkpoint, memory, decoder.parameters());
        }

        @Override
        public String inWords() {
            return "the checkpoint " + folder;
        }
    }

    /** A model as it is before training. */
    record Initialised(DecoderConfig model, long seed) implements ModelSource {

        @Override
        public DType dtype() {
            return DType.FLOAT32;
        }

        @Override
        public void load(Decoder decoder, Memory memory, Configuration hadoop) {
            decoder.initialise(seed);
        }

        @Override
        public String inWords() {
            return "the untrained model of seed " + seed;
        }
    }
}

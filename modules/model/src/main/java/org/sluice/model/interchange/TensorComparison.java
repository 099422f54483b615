package org.sluice.model.interchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ParameterNames;
import org.sluice.model.checkpoint.CheckpointFormatException;
import org.sluice.model.checkpoint.SafetensorsType;
import org.sluice.tensor.Shape;

/** Compares the tensors of files with those that a model has in a format. */
final class TensorComparison {
    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d{1,9})\\..*");
    private static final Pattern EXPERT = Pattern.compile(".*\\.experts\\.(\\d{1,9})\\..*");
    private static final int PIECE_BYTES = 1 << 20;

    private final DecoderConfig model;
    private final String config;
    private final ForeignFiles files;

    /** @param config the file that describes the model, for messages */
    TensorComparison(DecoderConfig model, String config, ForeignFiles files) {
        this.model = model;
        this.config = config;
        this.files = files;
    }

    /**
     * @return the tensors of the model in the format, all of which are in the files
     * @throws CheckpointFormatException if one is missing, has another shape or a type that weights do not have, or there is one too many
     */
    List<ForeignTensor> compare(ForeignFormat format) throws IOException {
        // First what decides how much there is to compare: a model of a billion layers or heads is not laid out to say
        // that it does not fit.
        requireCount("num_hidden_layers", model.layers(), LAYER);
        requireCount("num_experts", model.mixture().experts(), EXPERT);
        requireHeads();
        List<ForeignTensor> tensors = tensors(format);
        Set<String> tooMany = new LinkedHashSet<>(files.tensors().keySet());
        for (ForeignTensor tensor : tensors) {
            requireSame(tensor);
            tooMany.remove(tensor.name());
        }
        if (model.tiedEmbedding() && tooMany.remove(ParameterNames.CLASSIFIER)) {
            requireSameClassifier();
        }
        if (!tooMany.isEmpty()) {
            throw new CheckpointFormatException("the files have " + count(tooMany.size(), "tensor")
                    + " that the model of " + config + " does not have, such as "
                    + tooMany.iterator().next());
        }
        return tensors;
    }

    private void requireCount(String key, int described, Pattern numbered) throws CheckpointFormatException {
        long found = 0;
        for (String name : files.tensors().keySet()) {
            Matcher matcher = numbered.matcher(name);
            if (matcher.matches()) {
                found = Math.max(found, Long.parseLong(matcher.group(1)) + 1);
            }
        }
        if (found != described) {
            throw new CheckpointFormatException(
                    config + " has " + key + " " + described + ", but the tensors are of a model with " + found);
        }
    }

    private void requireHeads() throws CheckpointFormatException {
        ForeignFiles.Located query = files.tensors().get(new ParameterNames(0).query());
        if (query != null && query.tensor().shape().elements() < model.heads()) {
            throw new CheckpointFormatException(config + " has num_attention_heads " + model.heads() + ", but "
                    + query.tensor().name() + " has the shape " + query.tensor().shape());
        }
    }

    private List<ForeignTensor> tensors(ForeignFormat format) throws CheckpointFormatException {
        try {
            return TensorMap.of(model, format);
        } catch (ArithmeticException tooLarge) {
            throw new CheckpointFormatException(
                    config + " describes a model with more than 2^63 - 1 parameters", tooLarge);
        }
    }

    private void requireSame(ForeignTensor tensor) throws IOException {
        ForeignFiles.Located located = files.tensors().get(tensor.name());
        if (located == null) {
            throw new CheckpointFormatException(
                    "the files do not have the tensor " + tensor.name() + ", which the model of " + config + " has");
        }
        Shape found = located.tensor().shape();
        if (!found.equals(tensor.shape())) {
            throw new CheckpointFormatException("the tensor " + tensor.name() + " in " + located.file()
                    + " has the shape " + found + ", but that of the model of " + config + " has " + tensor.shape()
                    + "; is it another model's, or does the configuration miss a gate?");
        }
        SafetensorsType type = located.tensor().type();
        if (type == SafetensorsType.F64 || type == SafetensorsType.I32) {
            throw new CheckpointFormatException("the tensor " + tensor.name() + " in " + located.file() + " is " + type
                    + "; weights are read from F32, BF16 and F16");
        }
        if (tensor.content() == ForeignTensor.Content.ZEROS) {
            requireZeros(located);
        }
    }

    private void requireZeros(ForeignFiles.Located located) throws IOException {
        SafetensorsType type = located.tensor().type();
        for (long at = 0; at < located.tensor().length(); at += PIECE_BYTES) {
            ByteBuffer piece = piece(located, at);
            while (piece.hasRemaining()) {
                if (NumberCodec.get(type, piece) != 0) {
                    throw new CheckpointFormatException(
                            "the tensor " + located.tensor().name() + " in " + located.file()
                                    + " is not zero: a shared expert, which Sluice's mixtures do not have");
                }
            }
        }
    }

    /** A tied classifier may be in the files once more, if it is the embedding. */
    private void requireSameClassifier() throws IOException {
        ForeignFiles.Located embedding = files.tensors().get(ParameterNames.EMBEDDING);
        ForeignFiles.Located classifier = files.tensors().get(ParameterNames.CLASSIFIER);
        boolean same = classifier.tensor().shape().equals(embedding.tensor().shape())
                && classifier.tensor().type() == embedding.tensor().type();
        for (long at = 0; same && at < embedding.tensor().length(); at += PIECE_BYTES) {
            same = piece(embedding, at).equals(piece(classifier, at));
        }
        if (!same) {
            throw new CheckpointFormatException(config + " has tie_word_embeddings true, but "
                    + ParameterNames.CLASSIFIER + " differs from " + ParameterNames.EMBEDDING);
        }
    }

    private static ByteBuffer piece(ForeignFiles.Located located, long from) throws IOException {
        int bytes = (int) Math.min(PIECE_BYTES, located.tensor().length() - from);
        ByteBuffer piece = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        located.read(from, piece);
        return piece.flip();
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}

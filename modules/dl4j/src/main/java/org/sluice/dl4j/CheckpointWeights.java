package org.sluice.dl4j;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Parameter;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.tensor.DType;

/**
 * The weights of the attention layers of a checkpoint, for layers of a network.
 *
 * <p>Names and shapes of parameters must agree; settings without parameters, such as the base of RoPE or the activation of a gate, are the
 * network layer's own.
 */
public record CheckpointWeights(Checkpoint checkpoint) {
    private static final int ELEMENTS_AT_ONCE = 1 << 20;

    /**
     * Overwrites the parameters of a network's layer with those of a layer of the checkpoint, in the type of the network.
     *
     * @param decoderLayer counted from 0
     * @param target {@code network.getLayer(...)} of a {@link GatedSelfAttentionLayer}
     * @throws IllegalArgumentException if the checkpoint has no such layer, the target is of another kind, or the parameters do not fit;
     *     nothing is written then
     * @throws IOException if the checkpoint cannot be read
     */
    public void copyTo(int decoderLayer, Layer target) throws IOException {
        DecoderConfig model = checkpoint.model();
        if (decoderLayer < 0 || decoderLayer >= model.layers()) {
            throw new IllegalArgumentException("the checkpoint " + checkpoint.folder() + " has no layer " + decoderLayer
                    + "; its layers are 0 to " + (model.layers() - 1));
        }
        List<LayerParameter> parameters = LayerParameter.of(AttentionSettings.of(model));
        requireFit(parameters, settings(target), decoderLayer);
        for (LayerParameter parameter : parameters) {
            copy(parameter.in(model, decoderLayer), target.getParam(parameter.key()));
        }
    }

    private static AttentionSettings settings(Layer target) {
        if (target.conf().getLayer() instanceof GatedSelfAttentionLayer layer) {
            return layer.settings();
        }
        throw new IllegalArgumentException("weights of attention go into a GatedSelfAttentionLayer, not into a "
                + target.conf().getLayer().getClass().getSimpleName()
                + "; give the network's layer that was made from one");
    }

    private void requireFit(List<LayerParameter> parameters, AttentionSettings settings, int decoderLayer) {
        Map<String, String> found = shapes(parameters);
        Map<String, String> expected = shapes(LayerParameter.of(settings));
        if (!found.equals(expected)) {
            throw new IllegalArgumentException("layer " + decoderLayer + " of the checkpoint " + checkpoint.folder()
                    + " does not fit: it has " + only(found, expected) + " where the network's layer has "
                    + only(expected, found)
                    + "; make the layer with GatedSelfAttentionLayer.builderFor(checkpoint.model(), " + decoderLayer
                    + ")");
        }
    }

    private static Map<String, String> shapes(List<LayerParameter> parameters) {
        Map<String, String> shapes = new LinkedHashMap<>();
        parameters.forEach(parameter -> shapes.put(parameter.part(), Arrays.toString(parameter.shape())));
        return shapes;
    }

    /** What one side has and the other has not, or has in another shape. */
    private static String only(Map<String, String> shapes, Map<String, String> others) {
        String different = shapes.entrySet().stream()
                .filter(shape -> !shape.getValue().equals(others.get(shape.getKey())))
                .map(shape -> shape.getKey() + " " + shape.getValue())
                .collect(Collectors.joining(", "));
        return different.isEmpty() ? "nothing" : different;
    }

    private void copy(Parameter parameter, INDArray target) throws IOException {
        // The parameters of a network are views in c order of its flat vector, and so is this one of them.
        INDArray flat = target.reshape(target.length());
        for (long from = 0; from < parameter.elements(); from += ELEMENTS_AT_ONCE) {
            int count = (int) Math.min(ELEMENTS_AT_ONCE, parameter.elements() - from);
            flat.get(NDArrayIndex.interval(from, from + count)).assign(read(parameter.offset() + from, count));
        }
    }

    private INDArray read(long fromElement, int count) throws IOException {
        DType type = checkpoint.parameterType();
        ByteBuffer bytes = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        checkpoint.readParameters(fromElement, bytes);
        bytes.flip();
        if (type == DType.FLOAT64) {
            double[] values = new double[count];
            bytes.asDoubleBuffer().get(values);
            return Nd4j.createFromArray(values);
        }
        float[] values = new float[count];
        bytes.asFloatBuffer().get(values);
        return Nd4j.createFromArray(values);
    }
}

package org.sluice.dl4j;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.nn.weights.WeightInitUtil;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;

/**
 * A parameter of the layer.
 *
 * @param part its name in a decoder's layer: {@code value_gate_proj}
 * @param parameter as the smallest decoder with such a layer has it
 */
record LayerParameter(String part, Parameter parameter) {
    private static final Pattern WORD_START = Pattern.compile("_(.)");

    /** All parameters of a layer's attention, in the order in which a decoder has them. */
    static List<LayerParameter> of(AttentionSettings settings) {
        String prefix = prefix(0);
        return ParameterLayout.of(settings.decoder()).parameters().stream()
                .filter(parameter -> parameter.name().startsWith(prefix))
                .map(parameter -> new LayerParameter(
                        parameter
                                .name()
                                .substring(prefix.length(), parameter.name().lastIndexOf('.')),
                        parameter))
                .toList();
    }

    /** The same parameter of a layer of a decoder. */
    Parameter in(DecoderConfig model, int layer) {
        return ParameterLayout.of(model).named(prefix(layer) + part + ".weight");
    }

    /** The name in DeepLearning4j, which takes what stands behind an underscore for the name: {@code valueGateProj}. */
    String key() {
        return key(part);
    }

    static String key(String part) {
        return WORD_START.matcher(part).replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
    }

    long[] shape() {
        long[] dimensions = new long[parameter.shape().rank()];
        for (int axis = 0; axis < dimensions.length; axis++) {
            dimensions[axis] = parameter.shape().dimension(axis);
        }
        return dimensions;
    }

    /**
     * Writes the values before training: those that are the same in all layers of a decoder, such as the 1 of norm weights, and all others by a
     * weight initialisation of DeepLearning4j.
     *
     * @param own the initialisation that was asked for this parameter alone
     */
    void initialise(INDArray array, WeightInit ofAll, Optional<IWeightInit> own) {
        long fanOut = array.size(0);
        long fanIn = array.length() / fanOut;
        if (own.isPresent()) {
            own.get().init(fanIn, fanOut, array.shape(), 'c', array);
        } else if (parameter.initialStandardDeviation() == 0) {
            array.assign(parameter.initialMean());
        } else {
            WeightInitUtil.initWeights(fanIn, fanOut, array.shape(), ofAll, null, 'c', array);
        }
    }

    private static String prefix(int layer) {
        return "model.layers." + layer + ".self_attn.";
    }
}

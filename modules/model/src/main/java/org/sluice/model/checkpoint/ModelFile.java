package org.sluice.model.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.tensor.DType;

/**
 * One of the safetensors files that hold a model, under the names that Hugging Face gives them. Its data is a range of the flat parameter
 * space, cut between parameters.
 *
 * @param name {@code model.safetensors}, or {@code model-00001-of-00003.safetensors}
 * @param fromElement the first element of the flat space in it
 * @param toElement the element behind the last
 */
public record ModelFile(String name, long fromElement, long toElement, SafetensorsHeader header) {
    private static final Pattern NAME = Pattern.compile("model(-\\d{5}-of-\\d{5})?\\.safetensors");

    /**
     * Divides a model into files of about equal size, in the order of the flat space.
     *
     * @param dtype the type of the numbers in the files
     * @param files how many are wanted; no more than there are parameters are made
     */
    public static List<ModelFile> divide(ParameterLayout layout, DType dtype, int files) {
        if (files < 1) {
            throw new IllegalArgumentException("a model needs at least 1 file, not " + files);
        }
        List<List<Parameter>> parts = new ArrayList<>();
        List<Parameter> part = new ArrayList<>();
        for (Parameter parameter : layout.parameters()) {
            if (!part.isEmpty() && isBehindShare(parameter, part.get(0).offset(), layout, files - parts.size())) {
                parts.add(part);
                part = new ArrayList<>();
            }
            part.add(parameter);
        }
        parts.add(part);
        List<ModelFile> result = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            result.add(of(SafetensorsIndex.fileName(i, parts.size()), parts.get(i), dtype));
        }
        return result;
    }

    /** Whether more than half of a parameter lies behind the equal share that one of the files still to fill has of what is left. */
    private static boolean isBehindShare(Parameter parameter, long start, ParameterLayout layout, int filesLeft) {
        double shareEnd = start + (layout.elements() - start) / (double) filesLeft;
        return parameter.offset() + parameter.elements() / 2.0 > shareEnd;
    }

    /** The bytes of the {@link SafetensorsIndex} of these files. */
    public static byte[] index(List<ModelFile> files) {
        Map<String, SafetensorsHeader> headers = new LinkedHashMap<>();
        files.forEach(file -> headers.put(file.name(), file.header()));
        return SafetensorsIndex.write(headers);
    }

    static boolean isModelFile(String name) {
        return NAME.matcher(name).matches();
    }

    private static ModelFile of(String name, List<Parameter> parameters, DType dtype) {
        SafetensorsHeader.Builder header = new SafetensorsHeader.Builder().metadata("format", "pt");
        parameters.forEach(parameter -> header.add(parameter.name(), dtype, parameter.shape()));
        return new ModelFile(
                name,
                parameters.get(0).offset(),
                parameters.get(parameters.size() - 1).end(),
                header.build());
    }
}

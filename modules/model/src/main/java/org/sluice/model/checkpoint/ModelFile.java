package org.sluice.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
    /** The file that says which parameter lies in which file, where there is more than one. */
    public static final String INDEX = "model.safetensors.index.json";

    private static final Pattern NAME = Pattern.compile("model(-\\d{5}-of-\\d{5})?\\.safetensors");
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

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
            result.add(of(fileName(i, parts.size()), parts.get(i), dtype));
        }
        return result;
    }

    /** Whether more than half of a parameter lies behind the equal share that one of the files still to fill has of what is left. */
    private static boolean isBehindShare(Parameter parameter, long start, ParameterLayout layout, int filesLeft) {
        double shareEnd = start + (layout.elements() - start) / (double) filesLeft;
        return parameter.offset() + parameter.elements() / 2.0 > shareEnd;
    }

    /** The content of {@link #INDEX} for these files. */
    public static byte[] index(List<ModelFile> files) {
        ObjectNode root = JSON.createObjectNode();
        long total =
                files.stream().mapToLong(file -> file.header().dataLength()).sum();
        root.putObject("metadata").put("total_size", total);
        ObjectNode map = root.putObject("weight_map");
        for (ModelFile file : files) {
            file.header().tensors().forEach(tensor -> map.put(tensor.name(), file.name()));
        }
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree could not be written as JSON", impossible);
        }
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

    private static String fileName(int index, int files) {
        return files == 1
                ? "model.safetensors"
                : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", index + 1, files);
    }
}

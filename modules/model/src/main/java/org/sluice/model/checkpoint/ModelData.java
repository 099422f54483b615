package org.sluice.model.checkpoint;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.tensor.DType;

/** The files of a checkpoint that hold the flat parameter space, found to hold it wholly and in order. */
final class ModelData {
    private final Configuration hadoop;
    private final Path folder;
    private final List<ModelFile> files;
    private final DType dtype;

    private ModelData(Configuration hadoop, Path folder, List<ModelFile> files, DType dtype) {
        this.hadoop = hadoop;
        this.folder = folder;
        this.files = files;
        this.dtype = dtype;
    }

    /**
     * Reads the headers of all model files and compares them with the model's layout.
     *
     * @throws CheckpointFormatException if they hold something else than the parameters in the order of the layout
     */
    static ModelData open(Configuration hadoop, Path folder, Collection<String> names, DecoderConfig model)
            throws IOException {
        ParameterLayout layout = ParameterLayout.of(model);
        List<Parameter> parameters = layout.parameters();
        List<ModelFile> files = new ArrayList<>();
        int next = 0;
        for (String name :
                names.stream().filter(ModelFile::isModelFile).sorted().collect(Collectors.toList())) {
            SafetensorsHeader header = header(hadoop, new Path(folder, name));
            for (SafetensorsTensor tensor : header.tensors()) {
                Parameter expected = next < parameters.size() ? parameters.get(next) : null;
                SafetensorsType type = files.isEmpty() ? header.tensors().get(0).type() : type(files);
                requireParameter(new Path(folder, name), tensor, expected, type);
                next++;
            }
            long from = files.isEmpty() ? 0 : files.get(files.size() - 1).toElement();
            long to = next == 0 ? 0 : parameters.get(next - 1).end();
            files.add(new ModelFile(name, from, to, header));
        }
        if (next < parameters.size()) {
            throw new CheckpointFormatException("the checkpoint " + folder + " has " + next + " of the "
                    + parameters.size() + " parameters of its model; the first that it does not have is "
                    + parameters.get(next).name());
        }
        DType dtype = type(files)
                .dtype()
                .orElseThrow(() -> new CheckpointFormatException("the checkpoint " + folder + " has its parameters in "
                        + type(files) + ", which is a type for exported models only; expected F32 or F64"));
        return new ModelData(hadoop, folder, files, dtype);
    }

    DType dtype() {
        return dtype;
    }

    ParameterReader reader() {
        return new ParameterReader(hadoop, folder, files, dtype);
    }

    private static SafetensorsType type(List<ModelFile> files) {
        return files.get(0).header().tensors().get(0).type();
    }

    private static SafetensorsHeader header(Configuration hadoop, Path file) throws IOException {
        try (SafetensorsReader reader = SafetensorsReader.open(hadoop, file)) {
            if (reader.header().tensors().isEmpty()) {
                throw new CheckpointFormatException(file + " holds no tensors");
            }
            return reader.header();
        }
    }

    private static void requireParameter(Path file, SafetensorsTensor tensor, Parameter expected, SafetensorsType type)
            throws CheckpointFormatException {
        boolean same = expected != null
                && tensor.name().equals(expected.name())
                && tensor.shape().equals(expected.shape())
                && tensor.type() == type;
        if (!same) {
            throw new CheckpointFormatException(file + " has " + tensor.name() + " of shape " + tensor.shape()
                    + " in " + tensor.type() + " where its model has "
                    + (expected == null
                            ? "no more parameters"
                            : expected.name() + " of shape " + expected.shape() + " in " + type));
        }
    }
}

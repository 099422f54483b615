package org.sluice.jobs.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.commons.text.CaseUtils;
import org.sluice.experiments.CatalogueRow;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ParameterCounts;

/** A model as one line of JSON. */
final class ModelJson {
    private ModelJson() {}

    static String of(InspectedModel inspected) {
        ObjectNode json = entry(inspected.entry());
        json.put("parameters", inspected.counts().total());
        json.put("activeParameters", inspected.counts().active());
        json.put("flopsPerToken", inspected.flops().total());
        json.put("memoryBytes", inspected.memory().total());
        json.put("addedParameters", inspected.addedParameters());
        json.put("sequenceLength", inspected.length());
        json.set("model", model(inspected));
        ObjectNode parts = json.putObject("parametersByPart");
        inspected.counts().parts().forEach((part, parameters) -> parts.put(name(part), parameters));
        ObjectNode flops = json.putObject("flopsPerTokenByPart");
        flops.put("weights", inspected.flops().weights());
        flops.put("attention", inspected.flops().attention());
        ObjectNode memory = json.putObject("memoryBytesByPart");
        memory.put("parameters", inspected.memory().parameters());
        memory.put("gradients", inspected.memory().gradients());
        memory.put("optimizerState", inspected.memory().optimizerState());
        memory.put("activations", inspected.memory().activations());
        memory.put("rest", inspected.memory().rest());
        ArrayNode shapes = json.putArray("shapes");
        for (InspectedModel.Tensors tensors : inspected.tensors()) {
            ObjectNode shape = shapes.addObject();
            shape.put("name", tensors.name());
            ArrayNode dimensions = shape.putArray("shape");
            for (int index = 0; index < tensors.shape().rank(); index++) {
                dimensions.add(tensors.shape().dimension(index));
            }
            shape.put("times", tensors.copies());
        }
        return json.toString();
    }

    /** All names, as an array. */
    static String list() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        NamedModels.ALL.forEach(entry -> all.add(entry(entry)));
        return all.toString();
    }

    /** {@code feedForward}. */
    private static String name(ParameterCounts.Part part) {
        return CaseUtils.toCamelCase(part.name(), false, '_');
    }

    private static ObjectNode entry(NamedModel entry) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", entry.name());
        json.put("kind", entry.kind().id());
        json.put("description", entry.description());
        entry.row().ifPresent(row -> json.set("paper", paper(row)));
        return json;
    }

    private static ObjectNode paper(CatalogueRow row) {
        ObjectNode paper = JsonNodeFactory.instance.objectNode();
        paper.put("table", row.table());
        paper.put("preset", row.preset());
        paper.put("variant", row.variant().name());
        paper.put("training", row.training().toString());
        paper.put("result", row.result());
        return paper;
    }

    private static ObjectNode model(InspectedModel inspected) {
        DecoderConfig config = inspected.model();
        ObjectNode model = JsonNodeFactory.instance.objectNode();
        model.put("of", inspected.origin());
        model.put("layers", config.layers());
        model.put("hidden", config.hidden());
        model.put("heads", config.heads());
        model.put("kvHeads", config.kvHeads());
        model.put("headDim", config.headDim());
        model.put("ffn", config.ffn());
        model.put("experts", config.mixture().experts());
        model.put("expertsPerToken", config.mixture().chosen());
        model.put("vocabulary", config.vocabulary());
        model.put("tiedEmbedding", config.tiedEmbedding());
        model.put("ropeBase", config.rope().base());
        if (config.rope().yarn().isPresent()) {
            ObjectNode yarn = model.putObject("yarn");
            yarn.put("factor", config.rope().yarn().factor());
            yarn.put("originalLength", config.rope().yarn().originalLength());
        }
        ArrayNode modifiers = model.putArray("modifiers");
        config.modifiers().forEach(modifier -> modifiers.add(modifier.toString()));
        model.put("sandwichNorm", config.sandwichNorm());
        model.put("residualClip", config.residualClip());
        return model;
    }
}

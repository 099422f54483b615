package org.sluice.experiments.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes {@code report.json}: {@code name}, {@code variants} by name in the order of the job file, and {@code provenance}. */
public final class ReportJson {
    /** The version of the format; it rises when a key changes its name or meaning. */
    static final int FORMAT = 1;

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportJson() {}

    /** The report as JSON text. */
    public static String text(RunReport report) {
        try {
            return MAPPER.writeValueAsString(tree(report)) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the report of run '" + report.name() + "' cannot be written as JSON", e);
        }
    }

    static ObjectNode tree(RunReport report) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("format", FORMAT);
        root.put("name", report.name());
        ObjectNode variants = root.putObject("variants");
        report.variants().forEach(variant -> write(variant, variants.putObject(variant.name())));
        write(report.provenance(), root.putObject("provenance"));
        return root;
    }

    private static void write(VariantReport variant, ObjectNode target) {
        target.put("description", variant.description());
        target.put("parameters", variant.parameters());
        target.put("activeParameters", variant.activeParameters());
        target.put("trainTokens", variant.trainTokens());
        target.set("trainSeconds", EvaluationJson.number(variant.trainSeconds()));
        target.set("tokensPerSecond", EvaluationJson.number(variant.tokensPerSecond()));
        EvaluationJson.write(variant.trained(), target);
        target.set(
                "untrainedLoss",
                EvaluationJson.number(
                        variant.untrained().map(before -> before.heldOutLoss()).orElse(Double.NaN)));
        target.set(
                "untrainedPerplexity",
                EvaluationJson.number(variant.untrained()
                        .map(before -> before.heldOutPerplexity())
                        .orElse(Double.NaN)));
    }

    private static void write(Provenance provenance, ObjectNode target) {
        target.put("jobFile", provenance.jobFile());
        target.put("command", provenance.command());
        ObjectNode seeds = target.putObject("seeds");
        provenance.seeds().forEach(seeds::put);
        target.put("sluice", provenance.sluice());
        target.put("spark", provenance.spark());
        target.put("nd4j", provenance.nd4j());
        target.put("java", provenance.java());
        target.put("operatingSystem", provenance.operatingSystem());
        target.put("master", provenance.master());
        target.put("trainingPrecision", provenance.trainingPrecision());
        ArrayNode backends = target.putArray("backend");
        provenance.backends().forEach(backends::add);
        target.put("hostCores", provenance.hostCores());
        target.put("dataset", provenance.dataset());
        target.put("datasetHash", provenance.datasetHash());
        target.put("finished", provenance.finished());
    }
}

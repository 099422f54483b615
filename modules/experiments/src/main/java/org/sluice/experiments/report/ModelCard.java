package org.sluice.experiments.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.sluice.data.DatasetManifest;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.interchange.ForeignFormat;
import org.sluice.model.interchange.GateLayout;

/**
 * The page that goes along with an exported model, in Markdown: what it is, who reads it, what it was trained on, how it did, and where it comes
 * from.
 *
 * @param name of the model
 * @param checkpoint that was exported
 * @param format that it was exported in
 * @param type of the numbers in the files, as Transformers names it: {@code bfloat16}
 * @param dataset that it was trained on, where that is known
 * @param evaluation on held-out text, where there is one
 */
public record ModelCard(
        String name,
        Checkpoint checkpoint,
        ForeignFormat format,
        String type,
        Optional<DatasetManifest> dataset,
        Optional<EvaluationResult> evaluation) {

    /** The page. */
    public String markdown() {
        List<String> lines = new ArrayList<>();
        frontMatter(lines);
        lines.add("# " + name);
        lines.add("");
        lines.add("A decoder of " + Figures.count(checkpoint.model().parameters())
                + " parameters with gated attention or without, pre-trained by Sluice: "
                + ModelInWords.of(checkpoint.model()) + ".");
        reading(lines);
        trainedOn(lines);
        evaluation.ifPresent(result -> evaluated(result, lines));
        provenance(lines);
        return String.join("\n", lines) + "\n";
    }

    private void frontMatter(List<String> lines) {
        lines.add("---");
        if (format.isOfTransformers(checkpoint.model())) {
            lines.add("library_name: transformers");
        }
        lines.add("pipeline_tag: text-generation");
        lines.add("tags: [sluice, gated-attention]");
        lines.add("---");
        lines.add("");
    }

    private void reading(List<String> lines) {
        section("Reading it", lines);
        lines.add("The weights are " + type + ", in the format of " + format.readers(checkpoint.model()) + ".");
        lines.add("");
        if (format.isOfTransformers(checkpoint.model())) {
            lines.add("```python");
            lines.add("from transformers import AutoModelForCausalLM, AutoTokenizer");
            lines.add("model = AutoModelForCausalLM.from_pretrained(\".\")");
            lines.add("tokenizer = AutoTokenizer.from_pretrained(\".\")");
            lines.add("```");
        } else if (format.layout() == GateLayout.PER_GROUP) {
            lines.add(
                    "The rows of the gate lie in `q_proj`, behind the queries of each key/value head. Transformers' own Qwen3 refuses"
                            + " the shape of `q_proj`; the code that the authors of arXiv 2505.06708 published reads it.");
        } else {
            lines.add("No other format has what this model has. `jobs/sluice import` makes a checkpoint of it.");
        }
    }

    private void trainedOn(List<String> lines) {
        JsonNode payload = checkpoint.payload();
        section("What it was trained on", lines);
        dataset.ifPresent(manifest -> {
            lines.add("| domain | documents | tokens |");
            lines.add("| --- | ---: | ---: |");
            for (DatasetManifest.Domain domain : manifest.domains()) {
                lines.add("| " + domain.name() + " | "
                        + Figures.count(domain.train().documents()) + " | "
                        + Figures.count(domain.train().tokens()) + " |");
            }
            lines.add("");
        });
        if (!payload.has("tokens")) {
            lines.add("The checkpoint does not say.");
            return;
        }
        lines.add(Figures.count(payload.path("tokens").asLong()) + " tokens in "
                + Figures.count(payload.path("step").asLong()) + " steps, sequences of "
                + payload.at("/dataset/blockLength").asText() + ", in "
                + Figures.decimal(payload.path("trainSeconds").asDouble(), 0) + " seconds.");
        lines.add("");
        lines.add("| setting | value |");
        lines.add("| --- | --- |");
        settings(payload).forEach((key, value) -> lines.add("| `" + key + "` | " + value + " |"));
    }

    private static Map<String, String> settings(JsonNode payload) {
        Map<String, String> settings = new TreeMap<>();
        for (String section : List.of("training", "cluster", "start")) {
            payload.path(section).properties().forEach(setting -> {
                String value = setting.getValue().isValueNode()
                        ? setting.getValue().asText()
                        : setting.getValue().toString();
                settings.put(section + "." + setting.getKey(), value);
            });
        }
        return settings;
    }

    private static void evaluated(EvaluationResult result, List<String> lines) {
        section("Evaluation", lines);
        lines.add("On " + Figures.count(result.tokens()) + " tokens that were kept from training:");
        lines.add("");
        lines.add("| figure | value |");
        lines.add("| --- | ---: |");
        lines.add("| loss (nats a token) | " + Figures.decimal(result.heldOutLoss(), 4) + " |");
        lines.add("| perplexity | " + Figures.significant(result.heldOutPerplexity()) + " |");
        result.domains()
                .forEach((domain, loss) ->
                        lines.add("| perplexity, " + domain + " | " + Figures.significant(loss.perplexity()) + " |"));
        lines.add(
                "| F-Attn: attention to the first token | " + Figures.decimal(result.firstTokenAttention(), 3) + " |");
        lines.add("| M-Act: largest activation | " + Figures.significant(result.maxActivation()) + " |");
        result.meanGateScore().ifPresent(score -> lines.add("| mean gate score | " + Figures.decimal(score, 3) + " |"));
    }

    private void provenance(List<String> lines) {
        JsonNode payload = checkpoint.payload();
        section("Provenance", lines);
        lines.add("| | |");
        lines.add("| --- | --- |");
        fact("exported by", "Sluice " + Provenance.sluiceVersion(), lines);
        fact("variant", payload.path("variant").asText(), lines);
        fact("round", payload.path("round").asText(), lines);
        fact("imported from", payload.at("/imported/format").asText(), lines);
        fact("dataset", payload.at("/dataset/hash").asText(), lines);
        dataset.ifPresent(manifest -> {
            fact("corpus", manifest.corpusHash(), lines);
            fact("tokenizer", manifest.tokenizerFingerprint(), lines);
        });
        for (FileRecord file : checkpoint.files()) {
            if (file.name().startsWith("model")) {
                fact("checkpoint's " + file.name(), file.sha256(), lines);
            }
        }
        lines.add("");
        lines.add("Hashes are SHA-256; that of a dataset is of its manifest, which names those of all its files.");
    }

    private static void fact(String name, String value, List<String> lines) {
        if (!value.isEmpty()) {
            lines.add("| " + name + " | `" + value + "` |");
        }
    }

    private static void section(String title, List<String> lines) {
        lines.add("");
        lines.add("## " + title);
        lines.add("");
    }
}

package org.sluice.jobs.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A job of seconds, on text that it writes itself. */
final class TinyJob {
    private static final long SEED = 20_240_517;
    private static final ObjectMapper JSON = new ObjectMapper();

    private TinyJob() {}

    /** Writes a corpus of two domains and a job file into a folder. */
    static Path write(Path folder) throws IOException {
        Random random = new Random(SEED);
        System.out.println("seed of the corpus: " + SEED);
        for (String domain : List.of("fruit", "metal")) {
            Path files = Files.createDirectories(folder.resolve("corpus/" + domain));
            for (int file = 0; file < 60; file++) {
                Files.writeString(files.resolve(file + ".txt"), document(domain, random));
            }
        }
        Path job = folder.resolve("tiny.yaml");
        Files.writeString(job, """
                name: tiny
                data:
                  inputs:
                    - {domain: fruit, paths: [corpus/fruit]}
                    - {domain: metal, paths: [corpus/metal]}
                  tokenizer: {vocabularySize: 300}
                  blockLength: 32
                  heldOutFraction: 0.1
                model: {preset: tiny, layers: 1, hidden: 32, heads: 2, kvHeads: 1, headDim: 16, ffn: 32}
                variants: [baseline, sdpa-elementwise]
                training: {steps: 120, warmupSteps: 5, learningRate: 3e-3, microBatch: 4}
                cluster: {workers: 2, blocksPerStep: 8, localSteps: 10, innerState: local, checkpointRounds: 2}
                evaluation: {blocks: 16}
                """);
        return job;
    }

    private static String document(String domain, Random random) {
        StringBuilder text = new StringBuilder();
        for (int sentence = 0; sentence < 40; sentence++) {
            text.append("the ").append(domain).append(' ').append((char) ('a' + random.nextInt(6)));
            text.append(" weighs ").append(random.nextInt(1000)).append(" grams.\n");
        }
        return text.toString();
    }

    /** The steps of a variant in a run's metrics, each with what does not depend on the clock. */
    static List<String> losses(Path run, String variant) throws IOException {
        List<String> losses = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode event = JSON.readTree(line);
            if (event.path("event").asText().equals("step")
                    && event.path("variant").asText().equals(variant)) {
                losses.add("step " + event.path("step") + ": loss " + event.path("loss") + ", gradient norm "
                        + event.path("gradientNorm") + ", rate " + event.path("learningRate"));
            }
        }
        return losses;
    }

    static JsonNode report(Path run) throws IOException {
        return JSON.readTree(Files.readString(run.resolve("report.json")));
    }

    /** The folder of a variant's newest checkpoint. */
    static Path newestCheckpoint(Path run, String variant) throws IOException {
        try (Stream<Path> checkpoints = Files.list(run.resolve(variant).resolve("checkpoints"))) {
            return checkpoints.sorted().reduce((older, newer) -> newer).orElseThrow();
        }
    }

    static byte[] parameters(Path run, String variant) throws IOException {
        return Files.readAllBytes(newestCheckpoint(run, variant).resolve("model.safetensors"));
    }

    /** Flips the lowest bit of the byte in the middle of a file. */
    static void flipByte(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}

package org.sluice.data;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes small corpora. */
final class CorpusFiles {
    private CorpusFiles() {}

    /** Distinct documents of prose. */
    static List<String> documents(long seed, int count) {
        Random random = new Random(seed);
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            documents.add("Document " + i + " of " + seed + ".\n" + RandomText.prose(random, 20 + random.nextInt(200)));
        }
        return documents;
    }

    static void write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        try (OutputStream raw = Files.newOutputStream(file)) {
            String name = file.toString();
            try (OutputStream stream = name.endsWith(".gz")
                    ? new GZIPOutputStream(raw)
                    : name.endsWith(".zst") ? new ZstdOutputStream(raw) : raw) {
                stream.write(bytes);
            }
        }
    }

    static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    static String jsonLine(String field, String text) {
        try {
            return new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(Map.of(field, text)) + "\n";
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static void jsonLines(Path file, List<String> documents) throws IOException {
        StringBuilder lines = new StringBuilder();
        documents.forEach(document -> lines.append(jsonLine("text", document)));
        write(file, lines.toString());
    }

    static void archive(Path file, Map<String, byte[]> entries) throws IOException {
        Files.createDirectories(file.getParent());
        try (ZipOutputStream archive = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                archive.putNextEntry(new ZipEntry(entry.getKey()));
                archive.write(entry.getValue());
                archive.closeEntry();
            }
        }
    }
}

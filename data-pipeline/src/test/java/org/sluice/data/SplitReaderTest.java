package org.sluice.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitReaderTest {
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    Path folder;

    private static List<DocumentEvent> read(CorpusInput input, long splitBytes) {
        List<DocumentEvent> events = new ArrayList<>();
        for (CorpusSplit split : CorpusListing.list(List.of(input), HADOOP).splits(splitBytes)) {
            SplitReader.open(split, input.include(), input.textField(), new DocumentDecoder(1000), HADOOP)
                    .forEachRemaining(events::add);
        }
        return events;
    }

    @Test
    void cutsALongFileWithoutLosingOrRepeatingALine() throws IOException {
        long seed = System.nanoTime();
        System.out.println("SplitReaderTest seed " + seed);
        Random random = new Random(seed);
        StringBuilder lines = new StringBuilder();
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String document = i + " " + RandomText.prose(random, random.nextInt(20)) + "\u00e9";
            documents.add(document);
            lines.append(CorpusFiles.jsonLine("text", document).stripTrailing())
                    .append(random.nextInt(3) == 0 ? "\r\n" : "\n")
                    .append(random.nextInt(9) == 0 ? "\n" : "");
        }
        Path file = folder.resolve("a.jsonl");
        CorpusFiles.write(file, lines.substring(0, lines.length() - 1));
        CorpusInput input = CorpusInput.of("prose", file.toString());
        for (long splitBytes = 1; splitBytes < Files.size(file) + 50; splitBytes += 1 + random.nextInt(97)) {
            assertThat(read(input, splitBytes))
                    .as("splits of %d bytes, seed %d", splitBytes, seed)
                    .extracting(DocumentEvent::text)
                    .containsExactlyElementsOf(documents);
        }
    }

    @Test
    void namesThePlaceOfABadLine() throws IOException {
        Path file = folder.resolve("a.jsonl");
        CorpusFiles.write(
                file,
                CorpusFiles.jsonLine("text", "good") + "bad\n" + "x".repeat(2_000_000) + "\n"
                        + CorpusFiles.jsonLine("text", "good again"));
        CorpusInput input = CorpusInput.of("prose", file.toString());
        List<DocumentEvent> whole = read(input, 1 << 30);
        assertThat(whole)
                .extracting(DocumentEvent::skipped)
                .containsExactly(null, SkipReason.MALFORMED_JSON, SkipReason.TOO_LARGE, null);
        assertThat(whole.get(1).place()).endsWith("a.jsonl, line 2");
        CorpusFiles.write(file, CorpusFiles.jsonLine("text", "good") + "bad\n");
        assertThat(read(input, 16).get(1).place()).endsWith("a.jsonl, the line at byte 16");
    }

    @Test
    void listsFoldersGlobsAndWhatTheyInclude() throws IOException {
        CorpusFiles.write(folder.resolve("a/b/one.txt"), "one");
        CorpusFiles.write(folder.resolve("a/two.md"), "two");
        CorpusFiles.write(folder.resolve("a/_hidden/three.md"), "three");
        CorpusFiles.write(folder.resolve("a/.four.md"), "four");
        assertThat(read(CorpusInput.of("x", folder.resolve("a").toString()), 100))
                .extracting(DocumentEvent::text)
                .containsExactlyInAnyOrder("one", "two");
        assertThat(read(CorpusInput.of("x", folder.resolve("a").toString()).including("**/*.md"), 100))
                .extracting(DocumentEvent::text)
                .containsExactly("two");
        assertThat(read(CorpusInput.of("x", folder.resolve("a/*.md").toString()), 100))
                .extracting(DocumentEvent::text)
                .containsExactly("two");
    }

    @Test
    void readsGzipOfSeveralMembersToItsEnd() throws IOException {
        Path first = folder.resolve("1.gz");
        Path second = folder.resolve("2.gz");
        CorpusFiles.write(first, CorpusFiles.jsonLine("text", "one"));
        CorpusFiles.write(second, CorpusFiles.jsonLine("text", "two"));
        Path both = folder.resolve("both/x.jsonl.gz");
        Files.createDirectories(both.getParent());
        byte[] start = Files.readAllBytes(first);
        byte[] end = Files.readAllBytes(second);
        byte[] joined = java.util.Arrays.copyOf(start, start.length + end.length);
        System.arraycopy(end, 0, joined, start.length, end.length);
        Files.write(both, joined);
        assertThat(read(CorpusInput.of("x", both.toString()), 100))
                .extracting(DocumentEvent::text)
                .containsExactly("one", "two");
    }
}

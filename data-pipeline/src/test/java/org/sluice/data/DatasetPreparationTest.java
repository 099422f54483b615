package org.sluice.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Encoders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetPreparationTest {
    private static final int LENGTH = 32;

    /** A few shards for what these tests prepare, as each is a task of its own. */
    private static final int BLOCKS_PER_SHARD = 100;

    @TempDir
    Path folder;

    private DataConfig config(String output, CorpusInput... inputs) {
        return new DataConfig(
                folder.resolve(output).toString(),
                List.of(inputs),
                TokenizerConfig.trained(400),
                LENGTH,
                0.1,
                42,
                BLOCKS_PER_SHARD,
                true,
                100_000);
    }

    private static Dataset prepare(DataConfig config) {
        return DatasetPreparation.prepare(SparkTest.spark(), config, false, PreparationListener.none());
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    /** The documents of blocks, put together again; checks on the way what every block promises. */
    private static Map<String, List<String>> documents(Dataset dataset, BlockReader reader) {
        Tokenizer tokenizer = dataset.tokenizer();
        Map<String, List<String>> documents = new TreeMap<>();
        for (TokenBlock block : reader.read(0, reader.blocks())) {
            assertThat(block.tokens()).hasSize(dataset.blockLength() + 1);
            assertThat(block.documentStarts()[0]).isZero();
            assertThat(block.documentStarts()).isSorted();
            for (int start : block.documentStarts()) {
                if (start > 0) {
                    assertThat(block.tokens()[start - 1]).isEqualTo(tokenizer.endOfText());
                }
            }
            documents.computeIfAbsent(block.domain(), domain -> new ArrayList<>());
        }
        return documents;
    }

    /** The texts of one stream, whose blocks are given in its order. */
    private static List<String> texts(List<TokenBlock> stream, Tokenizer tokenizer) {
        List<Integer> tokens = new ArrayList<>();
        for (TokenBlock block : stream) {
            int from = tokens.isEmpty() ? 0 : 1;
            if (from == 1) {
                assertThat(block.tokens()[0]).isEqualTo(tokens.get(tokens.size() - 1));
            }
            for (int i = from; i < block.tokens().length; i++) {
                tokens.add(block.tokens()[i]);
            }
        }
        List<String> texts = new ArrayList<>();
        List<Integer> text = new ArrayList<>();
        for (int token : tokens) {
            if (token == tokenizer.endOfText()) {
                if (!text.isEmpty()) {
                    texts.add(tokenizer.decode(text.stream().mapToInt(t -> t).toArray()));
                }
                text.clear();
            } else {
                text.add(token);
            }
        }
        assertThat(text).isEmpty();
        return texts;
    }

    private static List<TokenBlock> heldOut(Dataset dataset, String domain) {
        for (DatasetManifest.DomainRange range : dataset.heldOutRanges()) {
            if (range.domain().equals(domain)) {
                List<TokenBlock> blocks =
                        dataset.heldOutReader().read(range.firstBlock(), range.firstBlock() + range.blocks());
                assertThat(blocks).allMatch(block -> block.domain().equals(domain));
                return blocks;
            }
        }
        return List.of();
    }

    /** Puts the blocks of a domain's one training stream in the stream's order, by their common tokens and their content. */
    private static List<TokenBlock> trainStream(Dataset dataset, String domain, long seed, int stream) {
        Map<Long, TokenBlock> byOrder = new TreeMap<>();
        List<TokenBlock> blocks = dataset.trainReader().read(0, dataset.trainBlocks());
        long inDomain =
                blocks.stream().filter(block -> block.domain().equals(domain)).count();
        // The training order is the order of a key that the seed, the stream and the index in the stream give.
        List<Long> keys = new ArrayList<>();
        Map<Long, Long> indexOfKey = new TreeMap<>();
        int streams = dataset.manifest().domains().size();
        for (int s = 0; s < streams; s++) {
            long count = dataset.manifest().domains().get(s).train().blocks();
            for (long index = 0; index < count; index++) {
                long key = Digests.mix(Digests.mix(Digests.mix(seed) ^ s) ^ index) >>> 1;
                keys.add(key);
                if (s == stream) {
                    indexOfKey.put(key, index);
                }
            }
        }
        Collections.sort(keys);
        for (int number = 0; number < keys.size(); number++) {
            Long index = indexOfKey.get(keys.get(number));
            if (index != null) {
                assertThat(blocks.get(number).domain()).isEqualTo(domain);
                byOrder.put(index, blocks.get(number));
            }
        }
        assertThat(byOrder).hasSize((int) inDomain);
        return List.copyOf(byOrder.values());
    }

    private static List<String> sorted(List<String> texts) {
        return texts.stream().sorted().toList();
    }

    @Test
    void everyDocumentComesBackOnceFromTheBlocks() throws IOException {
        List<String> prose = CorpusFiles.documents(1, 120);
        List<String> code = CorpusFiles.documents(2, 60);
        CorpusFiles.jsonLines(folder.resolve("in/prose.jsonl"), prose);
        for (int i = 0; i < code.size(); i++) {
            CorpusFiles.write(folder.resolve("in/code/" + i + ".txt"), code.get(i));
        }
        Dataset dataset = prepare(config(
                "out", CorpusInput.of("prose", path("in/prose.jsonl")), CorpusInput.of("code", path("in/code"))));

        Tokenizer tokenizer = dataset.tokenizer();
        Map<String, List<String>> sources = Map.of("code", code, "prose", prose);
        assertThat(dataset.manifest().domains())
                .extracting(DatasetManifest.Domain::name)
                .containsExactly("code", "prose");
        for (int domain = 0; domain < 2; domain++) {
            DatasetManifest.Domain counts = dataset.manifest().domains().get(domain);
            List<String> train = texts(trainStream(dataset, counts.name(), 42, domain), tokenizer);
            List<String> kept = texts(heldOut(dataset, counts.name()), tokenizer);
            List<String> all = new ArrayList<>(train);
            all.addAll(kept);
            assertThat(sorted(all)).isEqualTo(sorted(sources.get(counts.name())));
            assertThat(counts.train().documents()).isEqualTo(train.size());
            assertThat(counts.heldOut().documents()).isEqualTo(kept.size());
            assertThat(counts.train().bytes()).isEqualTo(bytes(train));
            long tokens = train.stream()
                    .mapToLong(text -> tokenizer.encode(text).length + 1)
                    .sum();
            assertThat(counts.train().tokens()).isEqualTo(tokens);
            assertThat(counts.train().paddingTokens())
                    .isEqualTo(counts.train().blocks() * LENGTH + 1 - tokens)
                    .isBetween(0L, LENGTH - 1L);
            for (String text : sources.get(counts.name())) {
                boolean held = DocumentHash.heldOut(DocumentHash.of(text.getBytes(StandardCharsets.UTF_8)), 0.1);
                assertThat(kept.contains(text)).isEqualTo(held);
            }
        }
        documents(dataset, dataset.trainReader());
        documents(dataset, dataset.heldOutReader());
        assertThat(dataset.manifest().train().shards()).hasSizeGreaterThan(2);
        assertThat(dataset.vocabulary()).isEqualTo(400);
        assertThat(folder.resolve("out/_SUCCESS")).exists();
    }

    private static long bytes(List<String> texts) {
        return texts.stream()
                .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    @Test
    void readsEveryFormat() throws IOException {
        List<String> documents = CorpusFiles.documents(3, 90);
        CorpusFiles.jsonLines(folder.resolve("in/a.jsonl"), documents.subList(0, 15));
        CorpusFiles.jsonLines(folder.resolve("in/b.jsonl.gz"), documents.subList(15, 30));
        CorpusFiles.jsonLines(folder.resolve("in/c.ndjson.zst"), documents.subList(30, 45));
        SparkTest.spark()
                .createDataset(documents.subList(45, 60), Encoders.STRING())
                .toDF("text")
                .coalesce(1)
                .write()
                .parquet(path("in/d[1].parquet"));
        Map<String, byte[]> entries = new TreeMap<>();
        for (int i = 60; i < 75; i++) {
            entries.put(
                    (i % 2 == 0 ? "" : "deep/er/") + i + ".java",
                    documents.get(i).getBytes(StandardCharsets.UTF_8));
            entries.put("deep/" + i + ".scala", "not asked for".getBytes(StandardCharsets.UTF_8));
        }
        CorpusFiles.archive(folder.resolve("in/e.jar"), entries);
        for (int i = 75; i < 90; i++) {
            String extension = List.of(".txt", ".md.gz", ".zst").get(i % 3);
            CorpusFiles.write(folder.resolve("in/f/" + i + extension), documents.get(i));
        }
        Dataset dataset = prepare(config(
                "out",
                CorpusInput.of("all", path("in/{a,b}.*"), path("in/c.ndjson.zst")),
                CorpusInput.of("all", path("in/d\\[1\\].parquet"), path("in/f")),
                CorpusInput.of("all", path("in/e.jar")).including("**/*.java")));
        List<String> texts = new ArrayList<>(texts(trainStream(dataset, "all", 42, 0), dataset.tokenizer()));
        texts.addAll(texts(heldOut(dataset, "all"), dataset.tokenizer()));
        assertThat(sorted(texts)).isEqualTo(sorted(documents));
        assertThat(dataset.manifest().domains().get(0).skipped()).isEmpty();
    }

    @Test
    void neitherPartitionsNorFilesNorTheOrderOfInputsChangeABit() throws IOException {
        List<String> documents = CorpusFiles.documents(4, 200);
        List<String> others = CorpusFiles.documents(5, 60);
        CorpusFiles.jsonLines(folder.resolve("one/all.jsonl"), documents);
        List<String> shuffled = new ArrayList<>(documents);
        Collections.shuffle(shuffled, new Random(9));
        for (int part = 0; part < 8; part++) {
            CorpusFiles.jsonLines(
                    folder.resolve("many/" + part + ".jsonl.gz"), shuffled.subList(part * 25, part * 25 + 25));
        }
        CorpusFiles.jsonLines(folder.resolve("others.jsonl"), others);
        CorpusInput other = CorpusInput.of("other", path("others.jsonl"));
        Dataset one = prepare(config("out1", CorpusInput.of("prose", path("one")), other));
        var spark = SparkTest.spark().newSession();
        spark.conf().set("spark.sql.shuffle.partitions", "13");
        spark.conf().set("spark.sql.adaptive.enabled", "false");
        Dataset many = DatasetPreparation.prepare(
                spark, config("out2", other, CorpusInput.of("prose", path("many"))), false, PreparationListener.none());
        assertThat(many.manifest().tokenizerFingerprint())
                .isEqualTo(one.manifest().tokenizerFingerprint());
        assertThat(many.manifest().train()).isEqualTo(one.manifest().train());
        assertThat(many.manifest().heldOut()).isEqualTo(one.manifest().heldOut());
        assertThat(many.manifest().domains()).isEqualTo(one.manifest().domains());

        Dataset again = prepare(config("out3", other, CorpusInput.of("prose", path("one"))));
        assertThat(again.hash()).isEqualTo(one.hash());
    }

    @Test
    void aSeedChangesTheOrderAndNotTheSplit() throws IOException {
        CorpusFiles.jsonLines(folder.resolve("in.jsonl"), CorpusFiles.documents(6, 100));
        DataConfig first = config("out1", CorpusInput.of("prose", path("in.jsonl")));
        DataConfig second = new DataConfig(
                path("out2"), first.inputs(), first.tokenizer(), LENGTH, 0.1, 43, BLOCKS_PER_SHARD, true, 100_000);
        Dataset one = prepare(first);
        Dataset two = prepare(second);
        assertThat(two.manifest().domains()).isEqualTo(one.manifest().domains());
        assertThat(two.manifest().tokenizerFingerprint())
                .isEqualTo(one.manifest().tokenizerFingerprint());
        assertThat(two.trainReader().read(0, 1).get(0).tokens())
                .isNotEqualTo(one.trainReader().read(0, 1).get(0).tokens());
    }

    @Test
    void countsDuplicatesAndDropsThem() throws IOException {
        List<String> documents = CorpusFiles.documents(7, 80);
        List<String> twice = new ArrayList<>(documents);
        twice.addAll(documents.subList(0, 30));
        CorpusFiles.jsonLines(folder.resolve("a.jsonl"), twice);
        CorpusFiles.jsonLines(folder.resolve("b.jsonl"), documents.subList(40, 60));
        CorpusFiles.write(folder.resolve("c.txt"), "only here, and long enough for a block of its own");
        CorpusInput a = CorpusInput.of("a", path("a.jsonl"));
        CorpusInput b = CorpusInput.of("b", path("b.jsonl"), path("c.txt"));
        DataConfig config = config("out", a, b);
        Dataset dataset = prepare(config);
        DatasetManifest.Domain first = dataset.manifest().domains().get(0);
        DatasetManifest.Domain second = dataset.manifest().domains().get(1);
        assertThat(first.duplicates()).isEqualTo(30);
        assertThat(first.train().documents() + first.heldOut().documents()).isEqualTo(80);
        assertThat(second.duplicates()).isEqualTo(20);
        assertThat(second.train().documents() + second.heldOut().documents()).isEqualTo(1);

        Dataset kept = prepare(new DataConfig(
                path("kept"), config.inputs(), config.tokenizer(), LENGTH, 0.1, 42, BLOCKS_PER_SHARD, false, 100_000));
        DatasetManifest.Domain all = kept.manifest().domains().get(0);
        assertThat(all.duplicates()).isZero();
        assertThat(all.train().documents() + all.heldOut().documents()).isEqualTo(110);
    }

    @Test
    void countsAndSkipsBadDocuments() throws IOException {
        List<String> documents = CorpusFiles.documents(8, 60);
        StringBuilder lines = new StringBuilder("\uFEFF");
        documents.forEach(document -> lines.append(CorpusFiles.jsonLine("body", document)));
        lines.append("{\"body\": \"cut off\n");
        lines.append("[1, 2]\n\n  \n");
        lines.append("{\"body\": \"good\"} trailing\n");
        lines.append("{\"text\": \"wrong field\"}\n{\"body\": 3}\n{\"body\": null}\n");
        lines.append("{\"body\": \"\"}\n");
        lines.append("{\"body\": \"nul \\u0000 inside\"}\n");
        lines.append("{\"body\": \"half \\ud83d pair\"}\n");
        lines.append(CorpusFiles.jsonLine("body", "x".repeat(100_001)));
        CorpusFiles.write(folder.resolve("in.jsonl"), lines.toString());
        Map<String, byte[]> entries = new TreeMap<>();
        entries.put("good.txt", "a good entry, in an archive".getBytes(StandardCharsets.UTF_8));
        entries.put("latin1.txt", "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        entries.put("binary.class", new byte[] {0x41, 0, 0x42});
        entries.put("bomb.txt", new byte[50_000_000]);
        entries.put("../../escaped.txt", "a name that would leave the folder".getBytes(StandardCharsets.UTF_8));
        CorpusFiles.archive(folder.resolve("in.zip"), entries);
        List<String> messages = Collections.synchronizedList(new ArrayList<>());
        Dataset dataset = DatasetPreparation.prepare(
                SparkTest.spark(),
                config(
                        "out",
                        new CorpusInput("bad", List.of(path("in.jsonl")), null, null, "body"),
                        CorpusInput.of("zip", path("in.zip"))),
                false,
                listening(messages, new EnumMap<>(PreparationListener.Stage.class)));
        DatasetManifest.Domain bad = dataset.manifest().domains().get(0);
        assertThat(bad.train().documents() + bad.heldOut().documents()).isEqualTo(60);
        assertThat(bad.skipped())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        SkipReason.MALFORMED_JSON, 3L,
                        SkipReason.MISSING_TEXT, 3L,
                        SkipReason.EMPTY, 1L,
                        SkipReason.NUL_CHARACTER, 1L,
                        SkipReason.NOT_UTF8, 1L,
                        SkipReason.TOO_LARGE, 1L));
        assertThat(dataset.manifest().domains().get(1).skipped())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(SkipReason.NOT_UTF8, 1L, SkipReason.NUL_CHARACTER, 1L, SkipReason.TOO_LARGE, 1L));
        assertThat(messages)
                .anySatisfy(
                        message -> assertThat(message).contains("3 documents: not a JSON object", "in.jsonl, line 61"))
                .anySatisfy(message -> assertThat(message).contains("in.zip!/latin1.txt", "not valid UTF-8"));
        assertThat(dataset.manifest().domains().get(1).train().documents()
                        + dataset.manifest().domains().get(1).heldOut().documents())
                .as("both good entries are read, whatever they are named")
                .isEqualTo(2);
        assertThat(folder.resolve("../../escaped.txt"))
                .as("nothing is unpacked")
                .doesNotExist();
    }

    private static PreparationListener listening(List<String> messages, Map<PreparationListener.Stage, long[]> stages) {
        return new PreparationListener() {
            @Override
            public synchronized void progress(Stage stage, long done, long total) {
                stages.put(stage, new long[] {done, total});
            }

            @Override
            public void message(String message) {
                messages.add(message);
            }
        };
    }

    @Test
    void tellsOfEveryStage() throws IOException {
        CorpusFiles.jsonLines(folder.resolve("in.jsonl"), CorpusFiles.documents(9, 60));
        Map<PreparationListener.Stage, long[]> stages =
                Collections.synchronizedMap(new EnumMap<>(PreparationListener.Stage.class));
        DataConfig config = config("out", CorpusInput.of("prose", path("in.jsonl")));
        DataConfig sampling = new DataConfig(
                config.output(),
                config.inputs(),
                new TokenizerConfig(null, 300, 2, 20_000, null),
                LENGTH,
                0.1,
                1,
                BLOCKS_PER_SHARD,
                true,
                100_000);
        DatasetPreparation.prepare(SparkTest.spark(), sampling, false, listening(new ArrayList<>(), stages));
        assertThat(stages.keySet()).containsExactlyInAnyOrder(PreparationListener.Stage.values());
        assertThat(stages.values()).allSatisfy(counts -> {
            assertThat(counts[0]).isEqualTo(counts[1]);
            assertThat(counts[1]).isPositive();
        });
    }

    @Test
    void refusesAMissingInputByName() {
        assertThatThrownBy(() -> prepare(config("out", CorpusInput.of("prose", path("nowhere.jsonl")))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("domain 'prose'")
                .hasMessageContaining("nowhere.jsonl");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void refusesAnInputWithoutDocumentsByName() throws IOException {
        CorpusFiles.jsonLines(folder.resolve("good.jsonl"), CorpusFiles.documents(10, 30));
        CorpusFiles.write(folder.resolve("image.txt"), new byte[] {(byte) 0xFF, (byte) 0xD8, 0, 1});
        CorpusInput good = CorpusInput.of("good", path("good.jsonl"));
        assertThatThrownBy(() -> prepare(config("out", good, CorpusInput.of("image", path("image.txt")))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("domain 'image'")
                .hasMessageContaining("not one document")
                .hasMessageContaining("not valid UTF-8");
        assertThat(folder.resolve("out/_SUCCESS")).doesNotExist();

        Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> prepare(config("out", good, CorpusInput.of("void", path("empty")))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("domain 'void'")
                .hasMessageContaining("no file");

        CorpusFiles.archive(folder.resolve("a.jar"), Map.of("a.java", "class A {}".getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> prepare(config(
                        "out", good, CorpusInput.of("scala", path("a.jar")).including("**/*.scala"))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("domain 'scala'")
                .hasMessageContaining("**/*.scala");
    }

    @Test
    void refusesAnEmptyCorpus() throws IOException {
        CorpusFiles.write(folder.resolve("empty.jsonl"), "\n\n");
        assertThatThrownBy(() -> prepare(config("out", CorpusInput.of("prose", path("empty.jsonl")))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no text")
                .hasMessageContaining("prose");
    }

    @Test
    void refusesASplitWithAnEmptySide() throws IOException {
        CorpusFiles.write(folder.resolve("a.txt"), "just one document, and not a long one");
        assertThatThrownBy(() -> prepare(config("out", CorpusInput.of("prose", path("a.txt")))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("nothing is held out");
    }

    @Test
    void refusesADamagedInputByNameAndStartsAfreshOnceItIsMended() throws IOException {
        Path archive = folder.resolve("in/b.jsonl.gz");
        CorpusFiles.jsonLines(archive, CorpusFiles.documents(11, 50));
        byte[] whole = Files.readAllBytes(archive);
        Files.write(archive, java.util.Arrays.copyOf(whole, whole.length / 2));
        DataConfig config = config("out", CorpusInput.of("prose", path("in")));
        assertThatThrownBy(() -> prepare(config))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("b.jsonl.gz")
                .hasMessageContaining("cannot be read to its end");
        assertThatThrownBy(() -> Dataset.open(SparkTest.hadoop(), config.output()))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("not complete");
        Files.write(archive, whole);
        assertThat(prepare(config).trainBlocks()).isPositive();

        Path truncated = folder.resolve("in/c.zip");
        Files.write(truncated, "this is no archive".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> prepare(config("other", CorpusInput.of("prose", path("in")))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("c.zip");
        Files.delete(truncated);
        CorpusFiles.jsonLines(folder.resolve("in/d.jsonl.zst"), CorpusFiles.documents(12, 50));
        byte[] zstandard = Files.readAllBytes(folder.resolve("in/d.jsonl.zst"));
        Files.write(folder.resolve("in/d.jsonl.zst"), java.util.Arrays.copyOf(zstandard, zstandard.length / 2));
        assertThatThrownBy(() -> prepare(config("other", CorpusInput.of("prose", path("in")))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("d.jsonl.zst");
    }

    @Test
    void refusesAParquetFileWithoutTheColumn() throws IOException {
        SparkTest.spark()
                .createDataset(List.of(1, 2, 3), Encoders.INT())
                .toDF("number")
                .write()
                .parquet(path("p.parquet"));
        assertThatThrownBy(() -> prepare(config("out", CorpusInput.of("prose", path("p.parquet")))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no column 'text'")
                .hasMessageContaining("number");
        assertThatThrownBy(() -> prepare(
                        config("out", new CorpusInput("prose", List.of(path("p.parquet")), null, null, "number"))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("holds int");
    }

    @Test
    void usesACompleteDatasetAgainAndNothingElse() throws IOException {
        CorpusFiles.jsonLines(folder.resolve("in.jsonl"), CorpusFiles.documents(13, 60));
        DataConfig config = config("out", CorpusInput.of("prose", path("in.jsonl")));
        Dataset first = prepare(config);
        var written = Files.getLastModifiedTime(folder.resolve("out/manifest.json"));
        List<String> messages = new ArrayList<>();
        Dataset again = DatasetPreparation.prepare(
                SparkTest.spark(), config, false, listening(messages, new EnumMap<>(PreparationListener.Stage.class)));
        assertThat(again.hash()).isEqualTo(first.hash());
        assertThat(Files.getLastModifiedTime(folder.resolve("out/manifest.json")))
                .isEqualTo(written);
        assertThat(messages).singleElement().asString().contains("again");

        DataConfig other = new DataConfig(
                config.output(), config.inputs(), config.tokenizer(), LENGTH, 0.1, 43, BLOCKS_PER_SHARD, true, 100_000);
        assertThatThrownBy(() -> prepare(other))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("another configuration")
                .hasMessageContaining(other.hash());
        Dataset replaced = DatasetPreparation.prepare(SparkTest.spark(), other, true, PreparationListener.none());
        assertThat(replaced.manifest().configurationHash()).isEqualTo(other.hash());

        CorpusFiles.jsonLines(folder.resolve("in.jsonl"), CorpusFiles.documents(14, 61));
        assertThatThrownBy(() -> prepare(other))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("input files have changed");
    }

    @Test
    void leavesSomebodyElsesFilesAlone() throws IOException {
        CorpusFiles.jsonLines(folder.resolve("in.jsonl"), CorpusFiles.documents(15, 60));
        CorpusFiles.write(folder.resolve("out/thesis.txt"), "do not delete");
        assertThatThrownBy(() -> prepare(config("out", CorpusInput.of("prose", path("in.jsonl")))))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("thesis.txt");
        assertThat(folder.resolve("out/thesis.txt")).exists();
    }

    @Test
    void bringsATokenizer() throws IOException {
        CorpusFiles.jsonLines(folder.resolve("in.jsonl"), CorpusFiles.documents(16, 60));
        byte[] json = TokenizerTest.trained(1, 500, SplitPattern.GPT4);
        Files.write(folder.resolve("tokenizer.json"), json);
        DataConfig trained = config("out", CorpusInput.of("prose", path("in.jsonl")));
        DataConfig config = new DataConfig(
                trained.output(),
                trained.inputs(),
                TokenizerConfig.file(path("tokenizer.json"), null),
                LENGTH,
                0.1,
                1,
                BLOCKS_PER_SHARD,
                true,
                100_000);
        Dataset dataset = prepare(config);
        assertThat(dataset.tokenizer().json()).isEqualTo(json);
        assertThat(dataset.manifest().tokenizerFingerprint()).isEqualTo(Digests.sha256(json));

        DataConfig wrong = new DataConfig(
                path("out2"),
                config.inputs(),
                TokenizerConfig.file(path("tokenizer.json"), "<eos>"),
                LENGTH,
                0.1,
                1,
                BLOCKS_PER_SHARD,
                true,
                100_000);
        assertThatThrownBy(() -> prepare(wrong))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining("<eos>");
        DataConfig missing = new DataConfig(
                path("out2"),
                config.inputs(),
                TokenizerConfig.file(path("none.json"), null),
                LENGTH,
                0.1,
                1,
                BLOCKS_PER_SHARD,
                true,
                100_000);
        assertThatThrownBy(() -> prepare(missing))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("none.json");
        assertThat(folder.resolve("out2")).doesNotExist();
    }
}

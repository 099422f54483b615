package org.sluice.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    static Path made;

    @TempDir
    Path copied;

    private Path folder;

    @BeforeAll
    static void prepare() throws IOException {
        CorpusFiles.jsonLines(made.resolve("a.jsonl"), CorpusFiles.documents(1, 80));
        CorpusFiles.jsonLines(made.resolve("b.jsonl"), CorpusFiles.documents(2, 40));
        DataConfig config = new DataConfig(
                made.resolve("out").toString(),
                List.of(
                        CorpusInput.of("a", made.resolve("a.jsonl").toString()),
                        CorpusInput.of("b", made.resolve("b.jsonl").toString())),
                TokenizerConfig.trained(300),
                16,
                0.2,
                5,
                64,
                true,
                1 << 20);
        DatasetPreparation.prepare(SparkTest.spark(), config, false, PreparationListener.none());
    }

    /** Without the checksum files that Hadoop keeps on local disks, as on a file system that keeps none. */
    @BeforeEach
    void copyWithoutChecksums() throws IOException {
        folder = copied.resolve("dataset");
        copy(folder, false);
    }

    private static void copy(Path folder, boolean checksums) throws IOException {
        Path source = made.resolve("out");
        try (Stream<Path> files = Files.walk(source)) {
            files.filter(file -> checksums || !file.toString().endsWith(".crc")).forEach(file -> {
                try {
                    Files.copy(file, folder.resolve(source.relativize(file).toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private Dataset open() {
        return Dataset.open(HADOOP, folder.toString());
    }

    private Path shard(Dataset dataset, int number) {
        return folder.resolve(dataset.manifest().train().shards().get(number).file());
    }

    private void flip(Path file, int position) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[position] ^= 0x10;
        Files.write(file, bytes);
    }

    @Test
    void readsAnyRangeAsItReadsOneByOne() {
        Dataset dataset = open();
        assertThat(dataset.manifest().train().shards()).hasSizeGreaterThan(3);
        try (BlockReader whole = dataset.trainReader();
                BlockReader single = dataset.trainReader()) {
            List<TokenBlock> all = whole.read(0, dataset.trainBlocks());
            assertThat(all).hasSize((int) dataset.trainBlocks());
            for (long number = dataset.trainBlocks() - 1; number >= 0; number -= 7) {
                TokenBlock block = single.read(number, number + 1).get(0);
                assertThat(block.number()).isEqualTo(number);
                assertThat(block).usingRecursiveComparison().isEqualTo(all.get((int) number));
            }
            assertThat(single.read(3, 3)).isEmpty();
        }
    }

    @Test
    void mixesDomainsInTrainingAndKeepsThemApartInHeldOutBlocks() {
        Dataset dataset = open();
        assertThat(dataset.heldOutRanges())
                .extracting(DatasetManifest.DomainRange::domain)
                .containsExactly("a", "b");
        long next = 0;
        for (DatasetManifest.DomainRange range : dataset.heldOutRanges()) {
            assertThat(range.firstBlock()).isEqualTo(next);
            next += range.blocks();
            assertThat(dataset.heldOutReader().read(range.firstBlock(), next))
                    .hasSize((int) range.blocks())
                    .allMatch(block -> block.domain().equals(range.domain()));
        }
        assertThat(next).isEqualTo(dataset.heldOutBlocks());
        List<TokenBlock> start = dataset.trainReader().read(0, 40);
        assertThat(start).extracting(TokenBlock::domain).contains("a", "b");
    }

    @Test
    void refusesBlocksThatThereAreNot() {
        Dataset dataset = open();
        long blocks = dataset.trainBlocks();
        BlockReader reader = dataset.trainReader();
        assertThatThrownBy(() -> reader.read(0, blocks + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(blocks));
        assertThatThrownBy(() -> reader.read(-1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> reader.read(3, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAShardWithOneFlippedByteByName() throws IOException {
        Dataset dataset = open();
        dataset.verify();
        Path shard = shard(dataset, 1);
        flip(shard, (int) Files.size(shard) / 2);
        assertThatThrownBy(dataset::verify)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("shard-000001.parquet")
                .hasMessageContaining("damaged");
        Dataset reopened = open();
        BlockReader reader = reopened.trainReader();
        long first = reopened.manifest().train().shards().get(1).firstBlock();
        assertThat(reader.read(0, first)).hasSize((int) first);
        assertThatThrownBy(() -> reader.read(first, first + 1))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("shard-000001.parquet")
                .hasMessageContaining("damaged");
    }

    @Test
    void refusesAFlippedByteThatTheFileSystemFinds() throws IOException {
        folder = copied.resolve("with-checksums");
        copy(folder, true);
        Dataset dataset = open();
        flip(shard(dataset, 0), 50);
        assertThatThrownBy(() -> dataset.trainReader().read(0, 1))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("shard-000000.parquet")
                .hasMessageContaining("damaged");
        flip(folder.resolve("tokenizer.json"), 100);
        assertThatThrownBy(this::open)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining("damaged");
    }

    @Test
    void refusesAMissingOrShortenedShardByName() throws IOException {
        Dataset dataset = open();
        Path shard = shard(dataset, 2);
        byte[] whole = Files.readAllBytes(shard);
        Files.write(shard, java.util.Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(this::open)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("shard-000002.parquet")
                .hasMessageContaining(whole.length + "");
        Files.delete(shard);
        assertThatThrownBy(this::open)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("shard-000002.parquet")
                .hasMessageContaining("missing");
        long first = dataset.manifest().train().shards().get(2).firstBlock();
        assertThatThrownBy(() -> dataset.trainReader().read(first, first + 1))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("shard-000002.parquet")
                .hasMessageContaining("missing");
    }

    @Test
    void refusesAShardThatIsWholeButNotTheManifests() throws IOException {
        Dataset dataset = open();
        DatasetManifest.Shard first = dataset.manifest().train().shards().get(0);
        DatasetManifest.Shard second = dataset.manifest().train().shards().get(1);
        Path manifest = folder.resolve("manifest.json");
        // The manifest names the second file with its true checksum in the place of the first.
        String json = Files.readString(manifest)
                .replace(first.sha256(), second.sha256())
                .replaceFirst("\"bytes\" : " + first.bytes() + ",", "\"bytes\" : " + second.bytes() + ",");
        Files.writeString(manifest, json);
        Files.copy(shard(dataset, 1), shard(dataset, 0), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> open().trainReader().read(0, 1))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("shard-000000.parquet")
                .hasMessageContaining("block " + second.firstBlock());
    }

    @Test
    void refusesAManifestThatLeavesTheFolder() throws IOException {
        Path manifest = folder.resolve("manifest.json");
        String json = Files.readString(manifest);
        for (String path : new String[] {"../train/shard-000000.parquet", "train/../../x", "/etc/x", "hdfs://host/x"}) {
            Files.writeString(manifest, json.replace("train/shard-000000.parquet", path));
            assertThatThrownBy(this::open)
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("'" + path + "' cannot name a shard of a dataset");
        }
    }

    @Test
    void refusesATokenizerThatIsNotTheManifests() throws IOException {
        flip(folder.resolve("tokenizer.json"), 100);
        assertThatThrownBy(this::open)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining("is not the tokenizer");
    }

    @Test
    void refusesAnotherFormatVersionAndADamagedManifest() throws IOException {
        Path manifest = folder.resolve("manifest.json");
        String json = Files.readString(manifest);
        Files.writeString(manifest, json.replace("\"formatVersion\" : 1", "\"formatVersion\" : 2"));
        assertThatThrownBy(this::open)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("format version 2")
                .hasMessageContaining("version 1");
        Files.writeString(manifest, json.substring(0, json.length() / 2));
        assertThatThrownBy(this::open)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("manifest.json is damaged");
        Files.writeString(manifest, json.replace("\"blockLength\"", "\"length\""));
        assertThatThrownBy(this::open)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("manifest.json is damaged");
        Files.writeString(manifest, "{}");
        assertThatThrownBy(this::open).isInstanceOf(DatasetException.class).hasMessageContaining("no format version");
        Files.delete(manifest);
        assertThatThrownBy(this::open).isInstanceOf(DatasetException.class).hasMessageContaining("manifest.json");
    }

    @Test
    void refusesAFolderThatIsNotComplete() throws IOException {
        Files.delete(folder.resolve("_SUCCESS"));
        assertThatThrownBy(this::open).isInstanceOf(DatasetException.class).hasMessageContaining("not complete");
        assertThatThrownBy(() -> Dataset.open(HADOOP, folder + "-not-there"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("there is no dataset");
    }

    @Test
    void theShardsAreParquetThatOthersRead() {
        Dataset dataset = open();
        var rows = SparkTest.spark()
                .read()
                .parquet(folder.resolve("train").toString())
                .orderBy(ShardSchema.BLOCK)
                .collectAsList();
        assertThat(rows).hasSize((int) dataset.trainBlocks());
        List<TokenBlock> blocks = dataset.trainReader().read(0, dataset.trainBlocks());
        for (int i = 0; i < blocks.size(); i += 11) {
            assertThat(rows.get(i).<Long>getAs(ShardSchema.BLOCK)).isEqualTo(i);
            assertThat(rows.get(i).<byte[]>getAs(ShardSchema.TOKENS))
                    .isEqualTo(TokenType.U16.write(blocks.get(i).tokens()));
            assertThat(rows.get(i).<Integer>getList(rows.get(i).fieldIndex(ShardSchema.DOCUMENT_STARTS)))
                    .isEqualTo(java.util.Arrays.stream(blocks.get(i).documentStarts())
                            .boxed()
                            .toList());
            assertThat(rows.get(i).<String>getAs(ShardSchema.DOMAIN))
                    .isEqualTo(blocks.get(i).domain());
        }
    }

    @Test
    void aManifestIsReadByAsMuchAsItWasWritten() throws IOException {
        byte[] json = Files.readAllBytes(folder.resolve("manifest.json"));
        assertThat(new String(ManifestFormat.bytes(open().manifest()), StandardCharsets.UTF_8))
                .isEqualTo(new String(json, StandardCharsets.UTF_8));
        assertThat(open().hash()).isEqualTo(Digests.sha256(json));
    }
}

package org.sluice.data;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A complete folder of token blocks. Opening it needs no Spark session, so executors can. */
public final class Dataset {
    private final FileSystem fileSystem;
    private final Path folder;
    private final DatasetManifest manifest;
    private final String hash;
    private final byte[] tokenizerJson;

    private Dataset(FileSystem fileSystem, Path folder, DatasetManifest manifest, String hash, byte[] tokenizerJson) {
        this.fileSystem = fileSystem;
        this.folder = folder;
        this.manifest = manifest;
        this.hash = hash;
        this.tokenizerJson = tokenizerJson;
    }

    /**
     * Opens a dataset. Checks that the folder is complete, that its format is known, that the tokenizer is the manifest's, and that every
     * shard is there with the right length; checksums of shards are compared when they are read.
     *
     * @param folder on any file system that Hadoop knows
     * @throws DatasetException if one of these does not hold
     */
    public static Dataset open(Configuration hadoop, String folder) {
        Path path = new Path(folder);
        FileSystem fileSystem = DatasetFiles.fileSystem(path, hadoop);
        requireComplete(fileSystem, path);
        Path manifestFile = new Path(path, DatasetFiles.MANIFEST);
        byte[] manifestJson = DatasetFiles.read(fileSystem, manifestFile);
        DatasetManifest manifest = ManifestFormat.parse(manifestJson, manifestFile.toString());
        Path tokenizerFile = new Path(path, DatasetFiles.TOKENIZER);
        byte[] tokenizerJson = DatasetFiles.read(fileSystem, tokenizerFile);
        String fingerprint = Digests.sha256(tokenizerJson);
        if (!fingerprint.equals(manifest.tokenizerFingerprint())) {
            throw new DatasetException(tokenizerFile + " is not the tokenizer that made these blocks: its SHA-256 is "
                    + fingerprint + ", the manifest says " + manifest.tokenizerFingerprint()
                    + ". Restore the file, or prepare the dataset again");
        }
        Dataset dataset = new Dataset(fileSystem, path, manifest, Digests.sha256(manifestJson), tokenizerJson);
        dataset.requireShards(DatasetFiles.TRAIN, manifest.train());
        dataset.requireShards(DatasetFiles.HELD_OUT, manifest.heldOut());
        return dataset;
    }

    /** What the manifest says. */
    public DatasetManifest manifest() {
        return manifest;
    }

    /** The number of blocks to train on. */
    public long trainBlocks() {
        return manifest.train().blocks();
    }

    /** The number of blocks kept from training. */
    public long heldOutBlocks() {
        return manifest.heldOut().blocks();
    }

    /** Positions of a block; a block holds one token more. */
    public int blockLength() {
        return manifest.blockLength();
    }

    /** Tokens of the vocabulary. */
    public int vocabulary() {
        return manifest.vocabulary();
    }

    /** SHA-256 of the manifest, in hex; the manifest names the SHA-256 of everything else. */
    public String hash() {
        return hash;
    }

    /** The folder, as it was named. */
    public String folder() {
        return folder.toString();
    }

    /**
     * Reads every shard, and compares it with the manifest: as long as reading the whole dataset takes.
     *
     * @throws DatasetException if one is missing or damaged
     */
    public void verify() {
        Stream.of(manifest.train(), manifest.heldOut())
                .flatMap(side -> side.shards().stream())
                .forEach(shard ->
                        DecodedShard.read(fileSystem, folder, shard, manifest.tokenType(), manifest.blockLength()));
    }

    /** A new reader of the blocks to train on, in training order. */
    public BlockReader trainReader() {
        return new BlockReader(fileSystem, folder, manifest, manifest.train());
    }

    /** A new reader of the blocks kept from training. */
    public BlockReader heldOutReader() {
        return new BlockReader(fileSystem, folder, manifest, manifest.heldOut());
    }

    /** Where each domain's held-out blocks are, by domain name; a domain without any is not listed. */
    public List<DatasetManifest.DomainRange> heldOutRanges() {
        return manifest.heldOutRanges();
    }

    /** The tokenizer of the blocks, made anew at each call. */
    public Tokenizer tokenizer() {
        return Tokenizer.of(tokenizerJson, manifest.endOfTextToken());
    }

    private static void requireComplete(FileSystem fileSystem, Path folder) {
        try {
            if (!fileSystem.exists(folder)) {
                throw new DatasetException(
                        "there is no dataset " + fileSystem.makeQualified(folder) + "; prepare it first");
            }
            if (!fileSystem.exists(new Path(folder, DatasetFiles.SUCCESS))) {
                throw new DatasetException("the dataset " + folder + " is not complete: it has no "
                        + DatasetFiles.SUCCESS + ", so its preparation was interrupted. Prepare it again");
            }
        } catch (IOException e) {
            throw new DatasetException("the dataset " + folder + " cannot be reached: " + e.getMessage(), e);
        }
    }

    private void requireShards(String name, DatasetManifest.Side side) {
        Map<String, Long> lengths = new HashMap<>();
        try {
            Path sideFolder = new Path(folder, name);
            if (fileSystem.exists(sideFolder)) {
                for (FileStatus file : fileSystem.listStatus(sideFolder)) {
                    lengths.put(name + "/" + file.getPath().getName(), file.getLen());
                }
            }
        } catch (IOException e) {
            throw new DatasetException("the dataset " + folder + " cannot be listed: " + e.getMessage(), e);
        }
        for (DatasetManifest.Shard shard : side.shards()) {
            Long length = lengths.get(shard.file());
            Path file = new Path(folder, shard.file());
            if (length == null) {
                throw new DatasetException(
                        "the shard " + file + " is missing; restore it, or prepare the dataset again");
            }
            if (length != shard.bytes()) {
                throw new DatasetException("the shard " + file + " is damaged: it has " + length
                        + " bytes, the manifest says " + shard.bytes() + ". Restore it, or prepare the dataset again");
            }
        }
    }
}

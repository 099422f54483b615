package org.sluice.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files of a corpus.
 *
 * @param files all files, by input, then by path
 */
record CorpusListing(List<CorpusFile> files) {
    private static final long SPLIT_BYTES = 64L << 20;

    /**
     * One file of an input.
     *
     * @param input the index of the input in the configuration
     */
    record CorpusFile(int input, String path, InputFormat format, long bytes) {}

    /** @throws DatasetException if an input names something that does not exist, or nothing is in it */
    static CorpusListing list(List<CorpusInput> inputs, Configuration hadoop) {
        List<CorpusFile> files = new ArrayList<>();
        for (int input = 0; input < inputs.size(); input++) {
            CorpusInput source = inputs.get(input);
            int before = files.size();
            for (String path : source.paths()) {
                try {
                    addMatches(files, input, source, new Path(path), hadoop);
                } catch (IOException e) {
                    throw new DatasetException(
                            source.describe() + " cannot be listed: " + path + ": " + e.getMessage(), e);
                }
            }
            if (files.size() == before) {
                throw new DatasetException(source.describe()
                        + " has no file; hidden files (names that begin with . or _) are not read. Check its paths"
                        + " and its include globs");
            }
        }
        files.sort(Comparator.comparingInt(CorpusFile::input).thenComparing(CorpusFile::path));
        return new CorpusListing(files.stream().distinct().toList());
    }

    /** Bytes of all files as they lie there. */
    long bytes() {
        return files.stream().mapToLong(CorpusFile::bytes).sum();
    }

    /** SHA-256 over every file's name and length: it changes when the corpus does. */
    String hash() {
        StringBuilder lines = new StringBuilder();
        files.forEach(file -> lines.append(file).append('\n'));
        return Digests.sha256(lines.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** What tasks read, Parquet aside; long files of plain JSON lines are cut. */
    List<CorpusSplit> splits() {
        return splits(SPLIT_BYTES);
    }

    List<CorpusSplit> splits(long splitBytes) {
        List<CorpusSplit> splits = new ArrayList<>();
        for (CorpusFile file : files) {
            boolean cut = file.format() == InputFormat.JSONL && Compression.of(file.path()) == Compression.NONE;
            if (file.format() == InputFormat.PARQUET) {
                continue;
            }
            long step = cut ? splitBytes : Math.max(1, file.bytes());
            long start = 0;
            do {
                long end = Math.min(file.bytes(), start + step);
                splits.add(new CorpusSplit(file.input(), file.path(), file.format(), start, end));
                start = end;
            } while (start < file.bytes());
        }
        return splits;
    }

    /** The Parquet files of one input. */
    List<String> parquetFiles(int input) {
        return files.stream()
                .filter(file -> file.input() == input && file.format() == InputFormat.PARQUET)
                .map(CorpusFile::path)
                .toList();
    }

    private static void addMatches(
            List<CorpusFile> files, int input, CorpusInput source, Path path, Configuration hadoop) throws IOException {
        FileSystem fileSystem = path.getFileSystem(hadoop);
        FileStatus[] matches = fileSystem.globStatus(path);
        if (matches == null || matches.length == 0) {
            throw new DatasetException(source.describe() + ": there is no " + fileSystem.makeQualified(path)
                    + "; correct the path or take it out of the inputs");
        }
        Walk walk = new Walk(files, input, source, fileSystem, PathFilter.of(source.include()));
        for (FileStatus match : matches) {
            String name = match.getPath().getName();
            if (isHidden(name) && !name.equals(path.getName())) {
                continue;
            }
            if (match.isDirectory()) {
                walk.folder(match.getPath(), "");
            } else {
                walk.file(match, null);
            }
        }
    }

    private static boolean isHidden(String name) {
        return name.startsWith(".") || name.startsWith("_");
    }

    private record Walk(
            List<CorpusFile> files, int input, CorpusInput source, FileSystem fileSystem, PathFilter filter) {
        void folder(Path folder, String prefix) throws IOException {
            FileStatus[] children;
            try {
                children = fileSystem.listStatus(folder);
            } catch (FileNotFoundException e) {
                throw new IOException("the folder " + folder + " vanished while it was listed", e);
            }
            Arrays.sort(children);
            for (FileStatus child : children) {
                String name = child.getPath().getName();
                if (isHidden(name)) {
                    continue;
                }
                if (child.isDirectory()) {
                    folder(child.getPath(), prefix + name + "/");
                } else {
                    file(child, prefix + name);
                }
            }
        }

        /** @param relative the path below the folder that the input names; null where the input names the file itself */
        void file(FileStatus file, String relative) {
            InputFormat format = source.format() != null
                    ? source.format()
                    : InputFormat.of(file.getPath().getName());
            // Include globs choose entries of an archive, not archives.
            if (relative == null || format == InputFormat.ARCHIVE || filter.accepts(relative)) {
                files.add(new CorpusFile(input, file.getPath().toString(), format, file.getLen()));
            }
        }
    }
}

package org.sluice.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The files of a dataset's folder, and reading and writing them whole. */
final class DatasetFiles {
    static final String MANIFEST = "manifest.json";
    static final String TOKENIZER = "tokenizer.json";
    /** Written last, so that a folder without it is not complete. */
    static final String SUCCESS = "_SUCCESS";
    /** Written first, so that an interrupted preparation can be told from somebody's other files. */
    static final String STARTED = "_STARTED";

    static final String TRAIN = "train";
    static final String HELD_OUT = "heldout";

    private DatasetFiles() {}

    static FileSystem fileSystem(Path folder, Configuration hadoop) {
        try {
            return folder.getFileSystem(hadoop);
        } catch (IOException | IllegalArgumentException e) {
            throw new DatasetException("the folder " + folder + " cannot be reached: " + e.getMessage(), e);
        }
    }

    static byte[] read(FileSystem fileSystem, Path file) {
        try (InputStream stream = fileSystem.open(file)) {
            return stream.readAllBytes();
        } catch (ChecksumException e) {
            throw new DatasetException(file + " is damaged: " + e.getMessage() + "; restore it", e);
        } catch (IOException e) {
            throw new DatasetException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    static void write(FileSystem fileSystem, Path file, byte[] bytes) {
        try (OutputStream stream = fileSystem.create(file, true)) {
            stream.write(bytes);
        } catch (IOException e) {
            throw new DatasetException(file + " cannot be written: " + e.getMessage(), e);
        }
    }
}

package org.sluice.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Gives a small file another content, so that who reads it finds the old one or the new one, where its file system can rename so. */
final class FileReplacement {
    private FileReplacement() {}

    /** Writes a file beside it, and puts that in its place. */
    static void replace(FileSystem fileSystem, Path file, byte[] content) throws IOException {
        Path fresh = file.suffix(".new");
        try (FSDataOutputStream stream = fileSystem.create(fresh, true)) {
            stream.write(content);
            stream.hflush();
        }
        if (fileSystem instanceof RawLocalFileSystem local) {
            Files.move(
                    local.pathToFile(fresh).toPath(),
                    local.pathToFile(file).toPath(),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } else {
            FileContext.getFileContext(fileSystem.getUri(), fileSystem.getConf())
                    .rename(fresh, file, Options.Rename.OVERWRITE);
        }
    }
}

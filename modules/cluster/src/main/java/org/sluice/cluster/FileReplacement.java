package org.sluice.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * Gives a small file another content, so that who reads it finds the old one or the new one, never a part.
 *
 * <p>How depends on the store. In a file system, a file that is being written is seen half: the new content goes into a file beside it, which is
 * then renamed over the old one in one step. In an object store a rename is a copy and a deletion, between which readers may find nothing; but an
 * object is seen only when it is closed, and then whole: there it is simply written over.
 *
 * <p>Hadoop has no capability that says which of the two a store is. Two come close. What cannot be appended to holds whole objects: HDFS and local disks
 * can append, S3 cannot. And where entity tags are kept, as object stores do, but not kept by a rename, a rename makes another object; it keeps
 * them in Azure's store with real folders, which renames in one step. A store that tells nothing of itself is taken for one of objects, as
 * no rename is safe there.
 */
final class FileReplacement {
    private FileReplacement() {}

    static void replace(FileSystem fileSystem, Path file, byte[] content) throws IOException {
        if (!renamesInOneStep(fileSystem, file)) {
            write(fileSystem.create(file, true), content);
            return;
        }
        Path fresh = file.suffix(".new");
        write(fileSystem.create(fresh, true), content);
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

    private static boolean renamesInOneStep(FileSystem fileSystem, Path file) throws IOException {
        boolean renameMakesAnother = fileSystem.hasPathCapability(file, CommonPathCapabilities.ETAGS_AVAILABLE)
                && !fileSystem.hasPathCapability(file, CommonPathCapabilities.ETAGS_PRESERVED_IN_RENAME);
        return canAppend(fileSystem, file) && !renameMakesAnother;
    }

    /** Whether the store says that a file can be appended to. */
    static boolean canAppend(FileSystem fileSystem, Path file) throws IOException {
        return fileSystem.hasPathCapability(file, CommonPathCapabilities.FS_APPEND);
    }

    /** Writes all, forces it to the storage if that can be done before closing, and closes. */
    static void write(FSDataOutputStream stream, byte[] content) throws IOException {
        try (stream) {
            stream.write(content);
            if (stream.hasCapability(StreamCapabilities.HSYNC)) {
                stream.hflush();
            }
        }
    }
}

package org.sluice.cluster;

import java.io.File;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/** A local disk, {@code dying:/path}, whose process ends as by SIGKILL at an exact moment: nothing is flushed, no hook runs. */
public final class DyingDisk extends RawLocalFileSystem {
    private static final String MOMENT = "dying.moment";
    private static final String NAME = "dying.name";

    /** What is done with the file, or folder, of a name when the process ends. */
    enum Moment {
        /** A part of it is written. */
        WRITING,
        /** It was closed. */
        WRITTEN,
        /** A part of the folder is deleted. */
        DELETING
    }

    /**
     * Settings with which the process ends.
     *
     * @param name the end of the path
     */
    static Configuration at(Moment moment, String name) {
        Configuration hadoop = new Configuration();
        hadoop.set("fs.dying.impl", DyingDisk.class.getName());
        hadoop.setBoolean("fs.dying.impl.disable.cache", true);
        hadoop.set(MOMENT, moment.name());
        hadoop.set(NAME, name);
        return hadoop;
    }

    private boolean isTime(Moment moment, Path path) {
        return moment.name().equals(getConf().get(MOMENT))
                && path.toUri().getPath().endsWith(getConf().get(NAME));
    }

    private static void die() {
        Runtime.getRuntime().halt(137);
    }

    @Override
    public URI getUri() {
        return URI.create("dying:///");
    }

    @Override
    public String getScheme() {
        return "dying";
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        if (isTime(Moment.DELETING, path) && exists(path)) {
            File[] files = pathToFile(path).listFiles();
            Arrays.sort(files);
            for (File file : Arrays.asList(files).subList(0, files.length / 2)) {
                Files.delete(file.toPath());
            }
            die();
        }
        return super.delete(path, recursive);
    }

    @Override
    protected OutputStream createOutputStreamWithMode(Path path, boolean append, FsPermission permission)
            throws IOException {
        return new FilterOutputStream(super.createOutputStreamWithMode(path, append, permission)) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (isTime(Moment.WRITING, path)) {
                    out.write(bytes, offset, length / 2);
                    die();
                }
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                super.close();
                if (isTime(Moment.WRITTEN, path)) {
                    die();
                }
            }
        };
    }

    @Override
    protected OutputStream createOutputStream(Path path, boolean append) throws IOException {
        return createOutputStreamWithMode(path, append, FsPermission.getFileDefault());
    }
}

package org.sluice.cluster;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * A local disk, {@code heldup:/path}, that takes no byte of a worker's state until a file tells it to go on: as slow as a test wants it. It says by another
 * file that it waits.
 */
public final class HeldUpDisk extends RawLocalFileSystem {
    private static final String SIGNALS = "heldup.signals";

    /** Settings with which {@code heldup:} waits for the file {@code go} in a folder. */
    static Configuration waitingIn(Path signals) throws IOException {
        Configuration hadoop = new Configuration();
        hadoop.set("fs.heldup.impl", HeldUpDisk.class.getName());
        hadoop.setBoolean("fs.heldup.impl.disable.cache", true);
        hadoop.set(SIGNALS, signals.toString());
        Files.createDirectories(signals);
        return hadoop;
    }

    /** Lets all that is and will be written go on. */
    static void letGo(Path signals) {
        try {
            Files.writeString(signals.resolve("go"), "");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public URI getUri() {
        return URI.create("heldup:///");
    }

    @Override
    public String getScheme() {
        return "heldup";
    }

    @Override
    protected OutputStream createOutputStreamWithMode(
            org.apache.hadoop.fs.Path path, boolean append, FsPermission permission) throws IOException {
        OutputStream disk = super.createOutputStreamWithMode(path, append, permission);
        if (!path.getName().startsWith("worker-")) {
            return disk;
        }
        return new FilterOutputStream(disk) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                awaitGo(Path.of(getConf().get(SIGNALS)));
                out.write(bytes, offset, length);
            }
        };
    }

    @Override
    protected OutputStream createOutputStream(org.apache.hadoop.fs.Path path, boolean append) throws IOException {
        return createOutputStreamWithMode(path, append, FsPermission.getFileDefault());
    }

    private static void awaitGo(Path signals) throws IOException {
        try (WatchService watch = signals.getFileSystem().newWatchService()) {
            signals.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            Files.writeString(signals.resolve("waiting"), "");
            while (!Files.exists(signals.resolve("go"))) {
                var key = watch.poll(60, TimeUnit.SECONDS);
                if (key == null) {
                    throw new IOException("nobody let the disk go on");
                }
                key.reset();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the disk was held up");
        }
    }
}

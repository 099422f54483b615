package org.sluice.cluster;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write into a run's folder, which one process has at a time: the file {@code lease.json} in the folder.
 *
 * <p>Its holder writes the file anew every few seconds. Who wants the run watches the file: if it does not change for the time of expiry,
 * by the watcher's own clock, the holder is dead and the run free. A holder of the same machine that no longer runs is dead at once. A
 * holder that was held up for longer than that, and goes on, finds that the file is no longer its own, and may not write.
 */
public final class RunLease implements AutoCloseable {
    /** The file's name in the run's folder. */
    public static final String FILE = "lease.json";

    private static final Logger LOG = LoggerFactory.getLogger(RunLease.class);

    private final FileSystem fileSystem;
    private final Path file;
    private final Timing timing;
    private LeaseHolder own;
    private long renewedAt;
    private boolean lost;
    private boolean closed;

    /**
     * How long things take.
     *
     * @param renewal between two times that the holder writes the file
     * @param expiry without a change after which the holder is dead
     */
    record Timing(Duration renewal, Duration expiry) {
        static final Timing USUAL = new Timing(Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    private RunLease(FileSystem fileSystem, Path file, Timing timing, LeaseHolder own, long renewedAt) {
        this.fileSystem = fileSystem;
        this.file = file;
        this.timing = timing;
        this.own = own;
        this.renewedAt = renewedAt;
        Thread renewals = new Thread(this::keepRenewing, "sluice-lease");
        renewals.setDaemon(true);
        renewals.start();
    }

    /**
     * Takes a run, once it is known to be free.
     *
     * @param waiting is told, once, what is waited for if the holder may be dead
     * @throws RunInUseException if another process holds it
     * @throws IOException if the folder cannot be read or written
     */
    static RunLease take(RunFolder folder, Consumer<String> waiting) throws IOException {
        return take(folder, waiting, Timing.USUAL, LeaseHolder.thisProcess());
    }

    static RunLease take(RunFolder folder, Consumer<String> waiting, Timing timing, LeaseHolder own)
            throws IOException {
        FileSystem fileSystem = folder.fileSystem();
        Path file = new Path(folder.root(), FILE);
        fileSystem.mkdirs(folder.root());
        Optional<byte[]> found = read(fileSystem, file);
        if (found.isPresent()) {
            requireDead(folder, file, found.get(), waiting, timing);
            fileSystem.delete(file, false);
        }
        long begin = System.nanoTime();
        create(folder, file, own);
        // Two may have found the same dead holder; the file is the later one's.
        requireOwn(fileSystem, file, own);
        return new RunLease(fileSystem, file, timing, own, begin);
    }

    private static void requireDead(RunFolder folder, Path file, byte[] found, Consumer<String> waiting, Timing timing)
            throws IOException {
        Optional<LeaseHolder> holder = LeaseHolder.parse(found);
        if (holder.isPresent() && holder.get().isOfThisMachine()) {
            if (holder.get().runs()) {
                throw inUse(folder, holder);
            }
            return;
        }
        waiting.accept("the run " + folder + " was last held by " + LeaseHolder.describe(holder) + "; waiting up to "
                + timing.expiry().toSeconds() + " s to see whether it is still there");
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < timing.expiry().toNanos()) {
            try {
                TimeUnit.NANOSECONDS.sleep(timing.renewal().toNanos() / 2);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("the wait for the run " + folder + " was interrupted", interrupted);
            }
            Optional<byte[]> now = read(folder.fileSystem(), file);
            if (now.isEmpty()) {
                return;
            }
            if (!Arrays.equals(now.get(), found)) {
                throw inUse(folder, LeaseHolder.parse(now.get()).or(() -> holder));
            }
        }
    }

    private static RunInUseException inUse(RunFolder folder, Optional<LeaseHolder> holder) {
        return new RunInUseException("the run " + folder + " is in use by " + LeaseHolder.describe(holder)
                + ": two jobs in one folder would overwrite each other's results. Wait for that one, stop it, or give this one"
                + " another name");
    }

    /** Whether the lease's file is there, and what it holds. */
    private static Optional<byte[]> read(FileSystem fileSystem, Path file) throws IOException {
        try (FSDataInputStream stream = fileSystem.open(file)) {
            return Optional.of(stream.readAllBytes());
        } catch (FileNotFoundException free) {
            return Optional.empty();
        }
    }

    private static void create(RunFolder folder, Path file, LeaseHolder holder) throws IOException {
        try {
            if (folder.fileSystem() instanceof RawLocalFileSystem local) {
                // Hadoop's own looks whether the file is there first, and then makes it: two could get through.
                Files.write(local.pathToFile(file).toPath(), holder.toBytes(), StandardOpenOption.CREATE_NEW);
            } else {
                FileReplacement.write(createNew(folder.fileSystem(), file), holder.toBytes());
            }
        } catch (FileAlreadyExistsException | java.nio.file.FileAlreadyExistsException taken) {
            throw inUse(folder, read(folder.fileSystem(), file).flatMap(LeaseHolder::parse));
        } catch (IOException failure) {
            // An object store finds only when the object is closed that another one was faster.
            Optional<LeaseHolder> found = read(folder.fileSystem(), file).flatMap(LeaseHolder::parse);
            if (found.isPresent() && !holder.isSameAs(found)) {
                throw inUse(folder, found);
            }
            throw failure;
        }
    }

    /** An object store that can look and write in one step is asked to; others do not know the option. */
    private static FSDataOutputStream createNew(FileSystem fileSystem, Path file) throws IOException {
        FSDataOutputStreamBuilder<?, ?> creation = fileSystem.createFile(file).recursive();
        return creation.overwrite(false)
                .opt(Options.CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true)
                .build();
    }

    private synchronized void keepRenewing() {
        try {
            while (!closed && !lost) {
                TimeUnit.NANOSECONDS.timedWait(this, timing.renewal().toNanos());
                if (!closed) {
                    renew();
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void renew() {
        try {
            requireOwn(fileSystem, file, own);
            long begin = System.nanoTime();
            LeaseHolder next = own.renewed();
            FileReplacement.replace(fileSystem, file, next.toBytes());
            own = next;
            renewedAt = begin;
        } catch (RunInUseException gone) {
            lost = true;
            LOG.error("The lease was lost: {}", gone.getMessage());
        } catch (IOException | RuntimeException failure) {
            LOG.warn("The lease {} could not be renewed; it will be tried again", file, failure);
        }
    }

    private static void requireOwn(FileSystem fileSystem, Path file, LeaseHolder own) throws IOException {
        Optional<byte[]> found = read(fileSystem, file);
        Optional<LeaseHolder> holder = found.flatMap(LeaseHolder::parse);
        if (!own.isSameAs(holder)) {
            throw new RunInUseException(
                    "the run " + file.getParent() + " is no longer this process's: "
                            + (found.isEmpty()
                                    ? "its " + FILE + " is gone"
                                    : "it was taken by " + LeaseHolder.describe(holder))
                            + ". This process may have been held up for too long; what it did since its last checkpoint is not kept");
        }
    }

    /**
     * Makes sure that nobody else has taken the run. To be called before anything is written into its folder; it looks at the file only
     * if the last renewal is so old that somebody may have.
     *
     * @throws RunInUseException if somebody has
     * @throws IOException if the file cannot be read
     */
    synchronized void requireHeld() throws IOException {
        if (lost || System.nanoTime() - renewedAt > timing.expiry().toNanos() / 2) {
            requireOwn(fileSystem, file, own);
        }
    }

    /** Gives the run up. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        notifyAll();
        if (own.isSameAs(read(fileSystem, file).flatMap(LeaseHolder::parse))) {
            fileSystem.delete(file, false);
        }
    }
}

package org.sluice.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.sluice.training.Divergence;
import org.sluice.training.TrainingBlock;

/**
 * Blocks that are a function of their number: arithmetic sequences with noise, some of several documents.
 *
 * @param accident what happens when a block is read
 */
record SyntheticBlocks(String hash, long trainBlocks, int blockLength, int vocabulary, Accident accident)
        implements BlockSource {

    enum Kind {
        NONE,
        /** The JVM of the executor is killed by SIGKILL; at one reading of each block. */
        KILL_EXECUTOR,
        /** The JVM of the executor is stopped by SIGSTOP, and leaves its process number in a file; at one reading of each block. */
        STOP_EXECUTOR,
        /** The loss is NaN; at one reading of each block. */
        NOT_FINITE_ONCE,
        /** The loss is NaN, always. */
        NOT_FINITE_ALWAYS,
        /** A parameter in the worker's memory becomes a thousand; at one reading of each block. */
        FLIP_BIT_ONCE,
        /** The same, always. */
        FLIP_BIT_ALWAYS,
        /** Reading fails; at one reading of each block. */
        FAIL_ONCE,
        /** Reading fails, always. */
        FAIL_ALWAYS
    }

    /**
     * @param readings at which reading of which block it happens, from 1
     * @param folder where a file for each block tells that it has happened
     */
    record Accident(Kind kind, Map<Long, Integer> readings, String folder) implements java.io.Serializable {
        /** At the first reading of each block. */
        Accident(Kind kind, List<Long> blocks, String folder) {
            this(kind, blocks.stream().collect(Collectors.toMap(block -> block, block -> 1)), folder);
        }
    }

    static SyntheticBlocks of(long trainBlocks) {
        return of(trainBlocks, new Accident(Kind.NONE, List.of(), ""));
    }

    static SyntheticBlocks of(long trainBlocks, Accident accident) {
        return new SyntheticBlocks("0123abcd", trainBlocks, 12, 32, accident);
    }

    @Override
    public String name() {
        return "synthetic";
    }

    TrainingBlock block(long number) {
        SplittableRandom random = new SplittableRandom(number);
        int start = random.nextInt(vocabulary);
        int stride = 1 + random.nextInt(3);
        int[] tokens = IntStream.rangeClosed(0, blockLength)
                .map(at -> random.nextInt(8) == 0 ? random.nextInt(vocabulary) : (start + at * stride) % vocabulary)
                .toArray();
        int documents = 1 + (int) (number % 4);
        int[] starts = IntStream.range(0, documents).map(at -> at * 3).toArray();
        return new TrainingBlock(number, tokens, starts);
    }

    /** The blocks at some positions of the endless sequence of all blocks. */
    List<TrainingBlock> range(long from, long to) {
        return LongStream.range(from, to)
                .mapToObj(position -> block(position % trainBlocks))
                .toList();
    }

    @Override
    public Feed open(Configuration hadoop) {
        return new Feed() {
            @Override
            public List<TrainingBlock> read(long from, long to) {
                LongStream.range(from, to)
                        .filter(accident.readings()::containsKey)
                        .forEach(number -> happen(number));
                return LongStream.range(from, to)
                        .mapToObj(number -> block(number))
                        .toList();
            }

            @Override
            public void close() {}
        };
    }

    private void happen(long number) {
        switch (accident.kind()) {
            case FAIL_ALWAYS -> throw new IllegalStateException("block " + number + " is cursed");
            case FAIL_ONCE -> {
                if (isTheOne(number)) {
                    throw new IllegalStateException("block " + number + " was unlucky");
                }
            }
            case KILL_EXECUTOR -> {
                if (isTheOne(number)) {
                    TestProcess.signalOwn("KILL");
                    throw new AssertionError("this JVM should be dead");
                }
            }
            case STOP_EXECUTOR -> {
                if (isTheOne(number)) {
                    writeProcessNumber(number);
                    TestProcess.signalOwn("STOP");
                }
            }
            case FLIP_BIT_ALWAYS -> FlippedBit.ofThisThreadsWorker();
            case FLIP_BIT_ONCE -> {
                if (isTheOne(number)) {
                    FlippedBit.ofThisThreadsWorker();
                }
            }
            case NOT_FINITE_ALWAYS -> throw Divergence.at(number);
            case NOT_FINITE_ONCE -> {
                if (isTheOne(number)) {
                    throw Divergence.at(number);
                }
            }
            default -> throw new IllegalStateException("no accident is planned at block " + number);
        }
    }

    /** Counts the block's readings by files, which outlive the executor. */
    private boolean isTheOne(long number) {
        int reading = 1;
        while (!isNew("block-" + number + "-reading-" + reading)) {
            reading++;
        }
        return reading == accident.readings().get(number) && isNew("block-" + number);
    }

    private boolean isNew(String file) {
        try {
            Files.createFile(Path.of(accident.folder(), file));
            return true;
        } catch (FileAlreadyExistsException exists) {
            return false;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void writeProcessNumber(long number) {
        try {
            Files.writeString(
                    Path.of(accident.folder(), "process-" + number),
                    "" + ProcessHandle.current().pid());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}

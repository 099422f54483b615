package org.sluice.cluster;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.Precision;
import org.sluice.tensor.Shape;

/**
 * Blocks, at the first reading of one of which the executor meets with a real accident.
 *
 * @param at the number of that block
 * @param folder where a file tells that it has happened
 */
record DoomedBlocks(SyntheticBlocks blocks, long at, Doom doom, String folder) implements EventfulBlocks {
    enum Doom {
        /** Allocates arrays until the Java heap is full. */
        JAVA_HEAP,
        /** Allocates native memory until JavaCPP, which ND4J allocates by, refuses more. */
        JAVACPP,
        /** Asks a backend for a tensor that no machine has the memory for. */
        TENSOR,
        /** Writes to the address 0. */
        NATIVE_CRASH,
        /** Ends the process by SIGKILL, as the kernel does where memory is short. */
        SIGKILL,
        /** Writes to a device that is always full, at every reading. */
        FULL_DISK
    }

    static DoomedBlocks of(Doom doom, long at, Path folder) {
        return new DoomedBlocks(SyntheticBlocks.of(200), at, doom, folder.toString());
    }

    @Override
    public void happen() {
        if (isNew() || doom == Doom.FULL_DISK) {
            meet();
        }
    }

    private boolean isNew() {
        try {
            Files.createFile(Path.of(folder, doom.name()));
            return true;
        } catch (FileAlreadyExistsException exists) {
            return false;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void meet() {
        switch (doom) {
            case JAVA_HEAP -> fillHeap();
            case JAVACPP -> fillNativeMemory();
            case TENSOR -> allocateTensor();
            case NATIVE_CRASH -> crash();
            case SIGKILL -> TestProcess.signalOwn("KILL");
            case FULL_DISK -> fillDisk();
        }
        throw new AssertionError("this should not have gone well: " + doom);
    }

    private static void fillHeap() {
        Object[] all = new Object[0];
        while (true) {
            all = new Object[] {all, new byte[1 << 24]};
        }
    }

    private static void fillNativeMemory() {
        List<BytePointer> all = new ArrayList<>();
        try {
            while (true) {
                all.add(new BytePointer(1L << 28));
            }
        } finally {
            all.forEach(BytePointer::close);
        }
    }

    private static void allocateTensor() {
        try (Backend backend = Backends.open("auto", 1, Precision.FP32);
                Arena arena = backend.newArena("test")) {
            arena.allocate("huge", DType.FLOAT32, Shape.of(1L << 50));
        }
    }

    /** By reflection, as compilers warn of the class itself. */
    private static void crash() {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            unsafe.getMethod("putAddress", long.class, long.class).invoke(instance.get(null), 0L, 0L);
        } catch (ReflectiveOperationException failure) {
            throw new LinkageError(failure.getMessage(), failure);
        }
    }

    private static void fillDisk() {
        try (FileOutputStream disk = new FileOutputStream("/dev/full")) {
            disk.write(1);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}

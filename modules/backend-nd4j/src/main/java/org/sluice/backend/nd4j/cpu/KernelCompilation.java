package org.sluice.backend.nd4j.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;
import org.sluice.backend.nd4j.cpu.kernel.VectorMath;

/**
 * Tells HotSpot's compiler to compile each kernel by itself.
 *
 * <p>The compiler bounds the size of what it compiles at once. A loop over vectors is large before it is optimised, and a kernel that was
 * inlined into its caller can exceed the bound halfway: the rest of its vectors are then objects on the heap, and it stays ten times
 * slower for as long as the process lives. Whether that happens depends on what was compiled before. Java code cannot forbid inlining, but
 * a compiler directive can, and HotSpot takes directives from the running process itself.
 */
final class KernelCompilation {
    private static final String DIRECTIVES =
            """
            [{
              match: "org/sluice/*.*",
              c2: { inline: "-%s/*.*" }
            }]
            """.formatted(VectorMath.class.getPackageName().replace('.', '/'));

    private static boolean directed;

    private KernelCompilation() {}

    /**
     * Gives the directive to this process's compiler, once. A virtual machine that takes no directives does without: its results are the
     * same.
     */
    static synchronized void direct() {
        if (directed) {
            return;
        }
        directed = true;
        try {
            Path file = Files.createTempFile("sluice-kernels", ".json");
            try {
                Files.writeString(file, DIRECTIVES);
                ManagementFactory.getPlatformMBeanServer()
                        .invoke(
                                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                "compilerDirectivesAdd",
                                new Object[] {new String[] {file.toString()}},
                                new String[] {String[].class.getName()});
            } finally {
                Files.delete(file);
            }
        } catch (InstanceNotFoundException otherVirtualMachine) {
            return;
        } catch (JMException refused) {
            throw new IllegalStateException(
                    "the compiler of this Java virtual machine refused Sluice's directive", refused);
        } catch (IOException noFile) {
            throw new UncheckedIOException(
                    "Sluice could not write a compiler directive for its kernels to a temporary file in "
                            + System.getProperty("java.io.tmpdir"),
                    noFile);
        }
    }
}

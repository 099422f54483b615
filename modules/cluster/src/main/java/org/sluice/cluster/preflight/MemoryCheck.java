package org.sluice.cluster.preflight;

import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.sluice.tensor.Backends;

/** What workers take outside the Java heap is there: by the limits of the process, of its container and of the machine. */
final class MemoryCheck implements Check {

    @Override
    public Stream<Finding> findings(Inspection inspection) {
        Requirements needed = inspection.requirements();
        Stream<Finding> ofExecutors = inspection.executors().stream().flatMap(executor -> Stream.of(
                        settings(executor, needed),
                        direct(executor, needed),
                        overhead(executor, needed),
                        container(executor, needed),
                        largePages(executor))
                .flatMap(findings -> findings));
        return Stream.concat(ofExecutors, inspection.byHost().values().stream().flatMap(host -> host(host, needed)));
    }

    /** The limits of the backend that the training takes: those of JavaCPP, for one. */
    private static Stream<Finding> settings(ProcessReport executor, Requirements needed) {
        long bytes = needed.workersOf(executor) * needed.tensorBytes();
        return executor.backends().stream()
                .filter(backend -> backend.isAvailable()
                        && (needed.backend().equals(Backends.AUTOMATIC)
                                || needed.backend().equals(backend.name())))
                .limit(1)
                .flatMap(backend -> backend.bounds().stream())
                .filter(bound -> bytes > bound.bytes())
                .map(bound -> Finding.fatal(
                        executor.place(),
                        need(executor, needed, Requirements::tensorBytes) + ", and " + bound.source() + ", leaves "
                                + Bytes.text(bound.bytes()),
                        bound.cure()
                                + " (by spark.executor.extraJavaOptions, or as an option of the driver where master is"
                                + " local), or lower training.microBatch"));
    }

    private static Stream<Finding> direct(ProcessReport executor, Requirements needed) {
        long bytes = needed.workersOf(executor) * needed.directBytes();
        return bytes <= executor.memory().direct()
                ? Stream.empty()
                : Stream.of(
                        Finding.fatal(
                                executor.place(),
                                "the copy of the optimizer's state for asynchronous checkpoints is too large: "
                                        + need(executor, needed, Requirements::directBytes)
                                        + ", and -XX:MaxDirectMemorySize, which is the heap's size unless it is set, is "
                                        + Bytes.text(executor.memory().direct()),
                                "raise it in spark.executor.extraJavaOptions, or set cluster.asynchronousCheckpoints to false"));
    }

    /** On YARN and Kubernetes. */
    private static Stream<Finding> overhead(ProcessReport executor, Requirements needed) {
        return needed.overheadBytes() == 0 || off(executor, needed) <= needed.overheadBytes()
                ? Stream.empty()
                : Stream.of(Finding.fatal(
                        executor.place(),
                        need(executor, needed, MemoryCheck::offHeap)
                                + " outside the Java heap, and the executor's container has "
                                + Bytes.text(needed.overheadBytes()) + " for that",
                        needed.moreRoom() + " to at least " + mebibytes(off(executor, needed))
                                + "m and some hundred more, or lower training.microBatch"));
    }

    private static Stream<Finding> container(ProcessReport executor, Requirements needed) {
        MemoryReport memory = executor.memory();
        return memory.isContained()
                ? room(
                        executor.place(),
                        need(executor, needed, MemoryCheck::offHeap) + " outside the Java heap",
                        off(executor, needed),
                        memory.heap(),
                        memory.container(),
                        "its container has",
                        needed)
                : Stream.empty();
    }

    /** Executors of one host share its memory, unless each has a container. */
    private static Stream<Finding> host(List<ProcessReport> executors, Requirements needed) {
        List<ProcessReport> uncontained = executors.stream()
                .filter(executor -> !executor.memory().isContained())
                .toList();
        if (uncontained.isEmpty()) {
            return Stream.empty();
        }
        ProcessReport first = uncontained.get(0);
        int workers = uncontained.stream().mapToInt(needed::workersOf).sum();
        long off = workers * offHeap(needed);
        long heaps = uncontained.stream()
                .mapToLong(executor -> executor.memory().heap())
                .sum();
        String need = needed.need(workers, offHeap(needed)) + " outside the Java heap in "
                + (uncontained.size() == 1 ? "1 executor" : uncontained.size() + " executors") + " of this host";
        Stream<Finding> total =
                room(first.place(), need, off, heaps, first.memory().machine(), "the machine has", needed);
        long available = first.memory().available();
        return off > available && off <= first.memory().machine()
                ? Stream.concat(
                        total,
                        Stream.of(Finding.warning(
                                first.place(),
                                need + ", and only " + Bytes.text(available) + " of the machine's "
                                        + Bytes.text(first.memory().machine()) + " are free now",
                                "see what else runs there")))
                : total;
    }

    /** What cannot be is refused; what only would be too much if the heaps became as large as they may is a warning. */
    private static Stream<Finding> room(
            Place place, String need, long off, long heaps, long limit, String has, Requirements needed) {
        String cure = "lower training.microBatch, or " + needed.moreRoom();
        if (off > limit) {
            return Stream.of(Finding.fatal(place, need + ", and " + has + " " + Bytes.text(limit), cure));
        }
        return off + heaps > limit
                ? Stream.of(Finding.warning(
                        place,
                        need + ", which with a heap of up to " + Bytes.text(heaps) + " is more than " + has + ", "
                                + Bytes.text(limit) + "; it may be killed once the heap has grown",
                        cure))
                : Stream.empty();
    }

    private static Stream<Finding> largePages(ProcessReport executor) {
        return executor.memory().largePages()
                ? Stream.empty()
                : Stream.of(Finding.warning(
                        executor.place(),
                        "large pages are off (/sys/kernel/mm/transparent_hugepage/enabled is never), with which an exchange"
                                + " takes half the time",
                        "as root, write madvise into that file"));
    }

    private static long offHeap(Requirements needed) {
        return needed.tensorBytes() + needed.directBytes();
    }

    private static long off(ProcessReport executor, Requirements needed) {
        return needed.workersOf(executor) * offHeap(needed);
    }

    private static String need(ProcessReport executor, Requirements needed, ToLongFunction<Requirements> each) {
        return needed.need(needed.workersOf(executor), each.applyAsLong(needed));
    }

    private static long mebibytes(long bytes) {
        return (bytes >> 20) + 1;
    }
}

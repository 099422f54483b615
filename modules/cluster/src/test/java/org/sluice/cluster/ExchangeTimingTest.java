package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The time that a round of the exchange takes, without any training, between two executors of one core and 4 GiB, and what the driver holds
 * after it. {@code -Dexchange.parameters} sets the number of fp32 parameters. The rate is printed beside that of memory-backed files; it fails
 * only below the share of {@code -Dexchange.least.share}, as a busy machine proves nothing.
 */
@Tag("slow")
@Timeout(400)
class ExchangeTimingTest {
    private static final int FEW = 1_000_000;
    private static final int MANY = Integer.getInteger("exchange.parameters", 16_000_000);
    private static final int ROUNDS = Integer.getInteger("exchange.rounds", 6);
    private static final int EXECUTORS = 2;
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final double LEAST_SHARE = Double.parseDouble(System.getProperty("exchange.least.share", "0"));
    private static final long MEBIBYTE = 1 << 20;
    private static final long HEAP_DIFFERENCE = 64 * MEBIBYTE;

    /** The median of the later half of the rounds, and the driver's heap when all rounds are done. */
    private record Figures(double seconds, double gigabytesASecond, long driverHeap) {}

    /** Both are measured in the same minute, on the same machine, with two threads or executors: a busy machine slows both. */
    @Test
    void theDriverHoldsNoParametersHoweverManyAreExchanged() throws IOException {
        // Files of the shuffle are memory-backed too, so that no disk is compared.
        try (JavaSparkContext context =
                SparkSessions.localCluster(EXECUTORS, 1, 4096, Map.of("spark.local.dir", MEMORY.toString()))) {
            List<WorkerPlacement> placements = SparkSessions.places(context, EXECUTORS);
            Figures few = exchange(context, placements, FEW);
            Figures many = exchange(context, placements, MANY);
            double files = fileGigabytesASecond((long) MANY * Float.BYTES);
            System.out.printf(
                    "exchange of %d fp32 parameters, %d executors: %.2f s a round, %.2f GB/s of what is received; "
                            + "memory-backed files written and read: %.2f GB/s; share %.2f%n",
                    MANY, EXECUTORS, many.seconds(), many.gigabytesASecond(), files, many.gigabytesASecond() / files);
            System.out.printf(
                    "driver's heap after exchanges of %d and %d parameters: %.1f and %.1f MiB%n",
                    FEW, MANY, (double) few.driverHeap() / MEBIBYTE, (double) many.driverHeap() / MEBIBYTE);
            assertThat(many.gigabytesASecond()).isGreaterThanOrEqualTo(LEAST_SHARE * files);
            assertThat(Math.abs(many.driverHeap() - few.driverHeap())).isLessThanOrEqualTo(HEAP_DIFFERENCE);
        }
    }

    private static Figures exchange(JavaSparkContext context, List<WorkerPlacement> placements, int parameters) {
        SliceLayout layout = SliceLayout.of(parameters, 1 << 20, EXECUTORS, 1);
        ExchangeRules rules = new ExchangeRules(OuterOptimizer.average(), ROUNDS, WireFormat.FP32, false);
        Exchange exchange = new Exchange(context, layout, rules, ArrayParticipant.finder(layout), 1);
        String run = UUID.randomUUID().toString();
        exchange.startFrom(0, ArrayParticipant.initialSlices(layout), placements);
        List<Double> seconds = new ArrayList<>();
        long bytes = 0;
        for (int round = 0; round < ROUNDS; round++) {
            RoundOrder order = ArrayParticipant.order(run, round, 0);
            long start = System.nanoTime();
            List<WorkerReport> reports = ArrayParticipant.round(exchange, order, placements);
            seconds.add((System.nanoTime() - start) * 1e-9);
            bytes = exchange.takeReceivedBytes();
            assertThat(reports.stream().map(WorkerReport::executor).distinct())
                    .as("workers stay in executors of their own")
                    .hasSize(EXECUTORS);
        }
        // In the first rounds of a process code is compiled and memory touched for the first time; a training has
        // thousands.
        List<Double> warm = seconds.subList(ROUNDS / 2, ROUNDS);
        double median = warm.stream().sorted().skip(warm.size() / 2).findFirst().orElseThrow();
        System.out.printf(
                "%s: seconds a round %s%n",
                layout,
                seconds.stream().map(value -> String.format("%.2f", value)).toList());
        System.gc();
        long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        exchange.discard();
        return new Figures(median, bytes * 1e-9 / median, heap);
    }

    /**
     * What is received in a round of two workers is four times the parameters: each thread writes and reads that of one worker, so that the
     * rate is that of both together; the bytes that are written count once, as those that are sent.
     */
    private static double fileGigabytesASecond(long modelBytes) throws IOException {
        Path folder = Files.createTempDirectory(MEMORY, "exchange");
        try {
            List<Double> rates = new ArrayList<>();
            for (int time = 0; time < 3; time++) {
                long start = System.nanoTime();
                CompletableFuture<?>[] both = new CompletableFuture<?>[EXECUTORS];
                for (int thread = 0; thread < EXECUTORS; thread++) {
                    Path file = folder.resolve("file" + thread);
                    both[thread] = CompletableFuture.runAsync(() -> {
                        writeAndRead(file, modelBytes);
                        writeAndRead(file, modelBytes);
                    });
                }
                CompletableFuture.allOf(both).join();
                rates.add(2.0 * EXECUTORS * modelBytes / (System.nanoTime() - start));
            }
            return rates.stream().sorted().skip(1).findFirst().orElseThrow();
        } finally {
            for (int thread = 0; thread < EXECUTORS; thread++) {
                Files.deleteIfExists(folder.resolve("file" + thread));
            }
            Files.delete(folder);
        }
    }

    private static void writeAndRead(Path path, long bytes) {
        ByteBuffer piece = ByteBuffer.allocateDirect(4 << 20);
        try (FileChannel file = FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            for (long at = 0; at < bytes; at += piece.capacity()) {
                piece.clear().limit((int) Math.min(piece.capacity(), bytes - at));
                while (piece.hasRemaining()) {
                    file.write(piece);
                }
            }
            file.position(0);
            while (file.read(piece.clear()) > 0) {
                // Only the time counts.
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}

package org.sluice.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;

/**
 * Who holds a run, as {@code lease.json} says it.
 *
 * @param token unique for each time that a run is taken
 * @param host for people to read
 * @param machine the kernel's start and its space of process numbers, so that a process number means something; empty if unknown
 * @param process the number of the process
 * @param processStart when it started, as its system says; empty if unknown
 * @param since when it took the run
 * @param renewals how often it has renewed the lease
 */
record LeaseHolder(
        String token, String host, String machine, long process, String processStart, String since, long renewals) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    static LeaseHolder thisProcess() {
        ProcessHandle process = ProcessHandle.current();
        return new LeaseHolder(
                UUID.randomUUID().toString(),
                thisHost(),
                thisMachine(),
                process.pid(),
                start(process),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                0);
    }

    private static String thisHost() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "a host without a name";
        }
    }

    private static String thisMachine() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip() + " "
                    + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        } catch (IOException | UnsupportedOperationException unknown) {
            return "";
        }
    }

    private static String start(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toString).orElse("");
    }

    /** The holder that a file tells of; nothing if it is cut off or of another kind. */
    static Optional<LeaseHolder> parse(byte[] bytes) {
        try {
            return Optional.ofNullable(JSON.readValue(bytes, LeaseHolder.class));
        } catch (JsonProcessingException damaged) {
            return Optional.empty();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    byte[] toBytes() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    LeaseHolder renewed() {
        return new LeaseHolder(token, host, machine, process, processStart, since, renewals + 1);
    }

    /** Whether a file tells of this holder, however often it has renewed the lease. */
    boolean isSameAs(Optional<LeaseHolder> found) {
        return found.isPresent() && found.get().token().equals(token);
    }

    /** Whether its process number is one of this machine's. */
    boolean isOfThisMachine() {
        return !machine.isEmpty() && machine.equals(thisMachine());
    }

    /** Whether the process still runs, on this machine. */
    boolean runs() {
        return ProcessHandle.of(process)
                .filter(ProcessHandle::isAlive)
                .filter(found -> processStart.isEmpty() || start(found).equals(processStart))
                .isPresent();
    }

    static String describe(Optional<LeaseHolder> holder) {
        return holder.map(known ->
                        "process " + known.process() + " on " + known.host() + " (since " + known.since() + ")")
                .orElse("an unknown process");
    }
}

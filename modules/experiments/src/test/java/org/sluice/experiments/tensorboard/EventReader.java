package org.sluice.experiments.tensorboard;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads event files by TensorBoard's rules, slowly, and with nothing of the writer's. */
final class EventReader {
    /**
     * An event.
     *
     * @param fileVersion empty if it has none
     * @param isStart whether it is the start of a session
     */
    record Event(double wallTime, long step, String fileVersion, boolean isStart, Map<String, Float> scalars) {}

    private EventReader() {}

    /** The points of each curve of a run: its files in the order of their names, and at each start what is from its step on is forgotten. */
    static Map<String, Map<Long, Float>> curves(Path folder) throws IOException {
        Map<String, Map<Long, Float>> curves = new TreeMap<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.getFileName().toString().contains("tfevents"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            for (Event event : read(file)) {
                if (event.isStart()) {
                    curves.values().forEach(curve -> curve.keySet().removeIf(step -> step >= event.step()));
                }
                event.scalars().forEach((tag, value) -> curves.computeIfAbsent(tag, name -> new TreeMap<>())
                        .put(event.step(), value));
            }
        }
        return curves;
    }

    /** All events of a file; a last record that was cut off in writing is left out. */
    static List<Event> read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        try {
            while (bytes.hasRemaining()) {
                byte[] length = take(bytes, 8);
                require(bytes.getInt() == masked(length), "the checksum of a length");
                byte[] content = take(bytes, (int) little(length).getLong());
                require(bytes.getInt() == masked(content), "the checksum of a record");
                events.add(event(little(content)));
            }
        } catch (BufferUnderflowException cutOff) {
            return events;
        }
        return events;
    }

    private static Event event(ByteBuffer message) {
        double wallTime = 0;
        long step = 0;
        String version = "";
        boolean start = false;
        Map<String, Float> scalars = new LinkedHashMap<>();
        while (message.hasRemaining()) {
            long key = varint(message);
            switch ((int) key) {
                case 0x09 -> wallTime = message.getDouble();
                case 0x10 -> step = varint(message);
                case 0x1a -> version = new String(block(message), StandardCharsets.UTF_8);
                case 0x2a -> summary(little(block(message)), scalars);
                case 0x3a -> start = little(block(message)).getShort() == 0x0108;
                default -> throw new AssertionError("an event has the key " + key);
            }
        }
        return new Event(wallTime, step, version, start, scalars);
    }

    private static void summary(ByteBuffer message, Map<String, Float> scalars) {
        while (message.hasRemaining()) {
            require(varint(message) == 0x0a, "the key of a value");
            ByteBuffer value = little(block(message));
            require(varint(value) == 0x0a, "the key of a tag");
            String tag = new String(block(value), StandardCharsets.UTF_8);
            require(varint(value) == 0x15, "the key of a simple value");
            scalars.put(tag, value.getFloat());
            require(!value.hasRemaining(), "the end of a value");
        }
    }

    private static byte[] block(ByteBuffer bytes) {
        return take(bytes, (int) varint(bytes));
    }

    private static byte[] take(ByteBuffer bytes, int length) {
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static int masked(byte[] bytes) {
        int checksum = checksum(bytes);
        return ((checksum >>> 15) | (checksum << 17)) + 0xa282ead8;
    }

    /** CRC-32C, bit by bit. */
    static int checksum(byte[] bytes) {
        int remainder = -1;
        for (byte next : bytes) {
            remainder ^= next & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                remainder = (remainder & 1) == 0 ? remainder >>> 1 : (remainder >>> 1) ^ 0x82f63b78;
            }
        }
        return ~remainder;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what + " is wrong");
        }
    }
}

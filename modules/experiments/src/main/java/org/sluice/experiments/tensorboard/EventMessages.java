package org.sluice.experiments.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * TensorBoard's {@code Event} messages, in the wire format of protocol buffers: each field as its key, which is its number times eight and the
 * kind of its value, and that value. The numbers are those of TensorFlow's {@code event.proto} and {@code summary.proto}.
 */
final class EventMessages {
    private static final int WALL_TIME = (1 << 3) | 1;
    private static final int STEP = 2 << 3;
    private static final int FILE_VERSION = (3 << 3) | 2;
    private static final int SUMMARY = (5 << 3) | 2;
    private static final int SESSION_LOG = (7 << 3) | 2;
    private static final int SUMMARY_VALUE = (1 << 3) | 2;
    private static final int VALUE_TAG = (1 << 3) | 2;
    private static final int VALUE_SIMPLE = (2 << 3) | 5;
    private static final int SESSION_STATUS = 1 << 3;
    private static final int SESSION_START = 1;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private EventMessages() {}

    /** The first event of every file. */
    static byte[] fileVersion(double wallSeconds) {
        return event(wallSeconds, 0).nested(FILE_VERSION, utf8("brain.Event:2")).bytes();
    }

    /** Says that training starts anew with that step: TensorBoard forgets what earlier files have from there on. */
    static byte[] start(double wallSeconds, long firstStep) {
        EventMessages session = new EventMessages().varint(SESSION_STATUS).varint(SESSION_START);
        return event(wallSeconds, firstStep)
                .nested(SESSION_LOG, session.bytes())
                .bytes();
    }

    /** Figures at a step, by their tags. */
    static byte[] scalars(double wallSeconds, long step, Map<String, Double> figures) {
        EventMessages summary = new EventMessages();
        figures.forEach((tag, figure) -> {
            EventMessages value = new EventMessages().nested(VALUE_TAG, utf8(tag));
            value.varint(VALUE_SIMPLE).fixed(4, Float.floatToRawIntBits(figure.floatValue()));
            summary.nested(SUMMARY_VALUE, value.bytes());
        });
        return event(wallSeconds, step).nested(SUMMARY, summary.bytes()).bytes();
    }

    private static EventMessages event(double wallSeconds, long step) {
        EventMessages event = new EventMessages().varint(WALL_TIME).fixed(8, Double.doubleToRawLongBits(wallSeconds));
        return step == 0 ? event : event.varint(STEP).varint(step);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] bytes() {
        return bytes.toByteArray();
    }

    private EventMessages nested(int key, byte[] content) {
        varint(key).varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    /** Seven bits a byte, the lowest first; all bytes but the last have their highest bit set. */
    private EventMessages varint(long value) {
        long rest = value;
        while ((rest >>> 7) != 0) {
            bytes.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
        return this;
    }

    /** The lowest byte first. */
    private EventMessages fixed(int size, long value) {
        for (int at = 0; at < size; at++) {
            bytes.write((int) (value >>> (8 * at)));
        }
        return this;
    }
}

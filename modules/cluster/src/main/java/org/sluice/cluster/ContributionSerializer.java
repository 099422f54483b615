package org.sluice.cluster;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import scala.reflect.ClassTag;

/**
 * Writes contributions into the shuffle as they are. Spark's Java serializer would hold on to the last hundred slices that it wrote, which
 * is a model's worth of memory.
 *
 * <p>A record is: slice, number of workers, of experts, and length of the values (int), targets (long), each worker (int), for each expert
 * from, to (int) and rows (long), values.
 */
final class ContributionSerializer extends Serializer implements Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public SerializerInstance newInstance() {
        return new Instance();
    }

    private static final class Instance extends SerializerInstance {
        @Override
        public <T> ByteBuffer serialize(T value, ClassTag<T> tag) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            SerializationStream stream = serializeStream(bytes);
            stream.writeValue(value, tag);
            stream.close();
            return ByteBuffer.wrap(bytes.toByteArray());
        }

        @Override
        public <T> T deserialize(ByteBuffer bytes, ClassTag<T> tag) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return deserializeStream(new ByteArrayInputStream(copy)).readValue(tag);
        }

        @Override
        public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> tag) {
            return deserialize(bytes, tag);
        }

        @Override
        public SerializationStream serializeStream(OutputStream target) {
            return new Writer(target);
        }

        @Override
        public DeserializationStream deserializeStream(InputStream source) {
            return new Reader(source);
        }
    }

    private static final class Writer extends SerializationStream {
        private final DataOutputStream target;

        Writer(OutputStream target) {
            this.target = new DataOutputStream(new BufferedOutputStream(target));
        }

        /** The key is the value's slice, so that it need not be written. */
        @Override
        public <T> SerializationStream writeKey(T key, ClassTag<T> tag) {
            return this;
        }

        @Override
        public <T> SerializationStream writeObject(T value, ClassTag<T> tag) {
            // Spark reads back as a contribution what it could not hold.
            Contribution contribution = value instanceof PendingContribution pending
                    ? pending.contribution().get()
                    : (Contribution) value;
            try {
                target.writeInt(contribution.slice());
                target.writeInt(contribution.workers().size());
                target.writeInt(contribution.experts().size());
                target.writeInt(contribution.values().length);
                target.writeLong(contribution.targets());
                for (int worker : contribution.workers()) {
                    target.writeInt(worker);
                }
                for (ExpertRun run : contribution.experts()) {
                    target.writeInt(run.from());
                    target.writeInt(run.to());
                    target.writeLong(run.rows());
                }
                target.write(contribution.values());
            } catch (IOException failure) {
                throw new UncheckedIOException(
                        "slice " + contribution.slice() + " of worker " + contribution.worker()
                                + " could not be written to the shuffle: " + failure.getMessage(),
                        failure);
            }
            return this;
        }

        @Override
        public void flush() {
            try {
                target.flush();
            } catch (IOException failure) {
                throw new UncheckedIOException("the shuffle could not be written: " + failure.getMessage(), failure);
            }
        }

        @Override
        public void close() {
            try {
                target.close();
            } catch (IOException failure) {
                throw new UncheckedIOException("the shuffle could not be written: " + failure.getMessage(), failure);
            }
        }
    }

    private static final class Reader extends DeserializationStream {
        private final DataInputStream source;
        private Contribution next;

        Reader(InputStream source) {
            this.source = new DataInputStream(new BufferedInputStream(source));
        }

        /** Ends the stream with an {@link EOFException}, as Spark expects. */
        @Override
        @SuppressWarnings("unchecked")
        public <T> T readKey(ClassTag<T> tag) {
            next = read();
            return (T) Integer.valueOf(next.slice());
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> T readValue(ClassTag<T> tag) {
            Contribution value = next == null ? read() : next;
            next = null;
            return (T) value;
        }

        @Override
        public <T> T readObject(ClassTag<T> tag) {
            return readValue(tag);
        }

        private Contribution read() {
            try {
                int first = source.read();
                if (first < 0) {
                    throw new EOFException();
                }
                int slice = first << 24 | source.readUnsignedByte() << 16 | source.readUnsignedShort();
                Integer[] workers = new Integer[source.readInt()];
                ExpertRun[] experts = new ExpertRun[source.readInt()];
                byte[] values = new byte[source.readInt()];
                long targets = source.readLong();
                for (int at = 0; at < workers.length; at++) {
                    workers[at] = source.readInt();
                }
                for (int at = 0; at < experts.length; at++) {
                    experts[at] = new ExpertRun(source.readInt(), source.readInt(), source.readLong());
                }
                source.readFully(values);
                return new Contribution(slice, List.of(workers), targets, List.of(experts), values);
            } catch (IOException failure) {
                throw sneaky(failure);
            }
        }

        /** Spark's contract wants the unchanged {@link EOFException}, and Scala knows no checked exceptions. */
        @SuppressWarnings("unchecked")
        private static <E extends Throwable> RuntimeException sneaky(IOException failure) throws E {
            throw (E) failure;
        }

        @Override
        public void close() {
            try {
                source.close();
            } catch (IOException failure) {
                throw new UncheckedIOException("the shuffle could not be closed: " + failure.getMessage(), failure);
            }
        }
    }
}

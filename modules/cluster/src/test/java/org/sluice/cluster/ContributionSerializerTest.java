package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag;

class ContributionSerializerTest {
    private static final Contribution FIRST = new Contribution(
            3, List.of(1, 4), 17, List.of(new ExpertRun(1, 2, 5)), new byte[] {1, -2, 3, 4, 5, 6, 7, -8});
    private static final Contribution SECOND = new Contribution(4, List.of(1), 0, List.of(), new byte[] {9, 8, 7, 6});

    private final SerializerInstance serializer = new ContributionSerializer().newInstance();
    private final List<Integer> made = new ArrayList<>();

    private PendingContribution pending(Contribution contribution) {
        return new PendingContribution(() -> {
            made.add(contribution.slice());
            return contribution;
        });
    }

    @Test
    void contributionsAreMadeOneByOneAsTheyAreWritten() {
        ClassTag<Object> tag = ScalaInterop.classTag(Object.class);
        PendingContribution first = pending(FIRST);
        PendingContribution second = pending(SECOND);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SerializationStream writer = serializer.serializeStream(bytes);
        assertThat(made).isEmpty();
        writer.writeValue(first, tag);
        assertThat(made).containsExactly(3);
        writer.writeValue(second, tag);
        assertThat(made).containsExactly(3, 4);
        writer.close();

        DeserializationStream reader = serializer.deserializeStream(new ByteArrayInputStream(bytes.toByteArray()));
        requireSame(reader.readValue(tag), FIRST);
        requireSame(reader.readValue(tag), SECOND);
    }

    @Test
    void whatSparkReadBackIsWrittenAgain() {
        ClassTag<Object> tag = ScalaInterop.classTag(Object.class);
        Object once = serializer.deserialize(serializer.serialize(pending(FIRST), tag), tag);
        requireSame(serializer.deserialize(serializer.serialize(once, tag), tag), FIRST);
    }

    private static void requireSame(Object read, Contribution expected) {
        Contribution contribution = (Contribution) read;
        assertThat(contribution.slice()).isEqualTo(expected.slice());
        assertThat(contribution.workers()).isEqualTo(expected.workers());
        assertThat(contribution.targets()).isEqualTo(expected.targets());
        assertThat(contribution.experts()).isEqualTo(expected.experts());
        assertThat(contribution.values()).isEqualTo(expected.values());
    }
}

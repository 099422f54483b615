package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;

/** Which blocks count in a training, by its {@code metrics.jsonl} alone. */
final class CountedBlocks {
    private CountedBlocks() {}

    /** The lines of the rounds. */
    static List<JsonNode> rounds(RunFolder folder) throws IOException {
        return folder.metrics().read().stream()
                .filter(event -> event.path("event").asText().equals("round"))
                .toList();
    }

    /** Makes sure that all positions up to an end were counted once. */
    static void requireEachOnce(RunFolder folder, long end) throws IOException {
        List<Long> counted = rounds(folder).stream()
                .flatMap(round -> stream(round.path("blocks")))
                .toList();
        assertThat(counted).doesNotHaveDuplicates().hasSize((int) end);
        assertThat(counted).allMatch(position -> position >= 0 && position < end);
    }

    private static java.util.stream.Stream<Long> stream(JsonNode ranges) {
        return java.util.stream.StreamSupport.stream(ranges.spliterator(), false)
                .flatMap(range -> LongStream.range(
                                range.get(0).asLong(), range.get(1).asLong())
                        .boxed());
    }
}

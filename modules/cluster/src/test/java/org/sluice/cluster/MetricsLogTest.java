package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path temporary;

    private static JsonNode event(String variant, String event, long step) {
        return JSON.createObjectNode()
                .put("event", event)
                .put("variant", variant)
                .put("step", (int) step);
    }

    @Test
    void dropsOneVariantsLaterLinesAndALineThatWasCutOff() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        MetricsLog log = folder.metrics();
        assertThat(log.read()).isEmpty();
        log.append(List.of(event("a", "step", 1), event("a", "step", 2)));
        log.append(List.of(event("b", "step", 1), event("a", "step", 3), event("b", "step", 9)));
        Path file = temporary.resolve("run/metrics.jsonl");
        Files.writeString(file, "{\"event\":\"st", StandardOpenOption.APPEND);
        assertThat(log.read()).hasSize(5);
        log.dropAfter("a", new Progress(7, 2, 0, 0));
        assertThat(log.read())
                .containsExactly(
                        event("a", "step", 1), event("a", "step", 2), event("b", "step", 1), event("b", "step", 9));
        log.append(List.of(event("a", "step", 3)));
        assertThat(Files.readAllLines(file))
                .hasSize(5)
                .first()
                .isEqualTo("{\"event\":\"step\",\"variant\":\"a\",\"step\":1}");
        try (var files = Files.list(temporary.resolve("run"))) {
            assertThat(files.map(path -> path.getFileName().toString())).containsExactly("metrics.jsonl");
        }
    }

    @Test
    void aCheckpointThatIsToldOfLaterIsReadAtItsOwnStep() throws IOException {
        MetricsLog log = TrainingFixture.folder(temporary.resolve("run")).metrics();
        log.append(
                List.of(event("b", "step", 9), event("a", "step", 1), event("a", "round", 1), event("a", "step", 2)));
        log.append(List.of(event("a", "checkpoint", 1), event("a", "step", 3), event("a", "checkpoint", 3)));
        List<JsonNode> inOrder = List.of(
                event("b", "step", 9),
                event("a", "step", 1),
                event("a", "round", 1),
                event("a", "checkpoint", 1),
                event("a", "step", 2),
                event("a", "step", 3),
                event("a", "checkpoint", 3));
        assertThat(log.read()).isEqualTo(inOrder);
        log.dropAfter("a", new Progress(9, 1, 0, 0));
        assertThat(log.read())
                .as("a checkpoint stays with its step, wherever its line was")
                .isEqualTo(inOrder.subList(0, 4));
    }

    @Test
    void aDamagedLineInTheMiddleIsNamed() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        folder.metrics().append(List.of(event("a", "step", 1)));
        Files.writeString(temporary.resolve("run/metrics.jsonl"), "{]\n{}\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> folder.metrics().read())
                .hasMessageContaining("line 2")
                .hasMessageContaining("metrics.jsonl");
    }

    @Test
    void aVariantsNameMustNameAFolder() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        assertThatThrownBy(() -> folder.checkpoints("../other")).hasMessageContaining("'../other'");
        assertThatThrownBy(() -> folder.checkpoints("")).hasMessageContaining("''");
        assertThat(folder.checkpoints("sdpa-elementwise").toString()).endsWith("run/sdpa-elementwise/checkpoints");
    }
}

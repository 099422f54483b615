package org.sluice.jobs.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.data.DatasetException;
import org.sluice.data.Tokenizer;
import org.sluice.jobs.InputException;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Presets;
import org.sluice.model.checkpoint.Checkpoint;

class ModelTokenizerTest {
    private static final DecoderConfig MODEL =
            Presets.TINY.change().layers(1).vocabulary(260).build();

    @TempDir
    Path temporary;

    private static ModelTokenizer search(String named, String endOfText) {
        return new ModelTokenizer(new Configuration(), Optional.ofNullable(named), Optional.ofNullable(endOfText));
    }

    private Checkpoint checkpoint(DecoderConfig model, ObjectNode payload, Map<String, byte[]> files) {
        return UntrainedCheckpoint.write(temporary.resolve("checkpoint"), model, payload, files);
    }

    private static ObjectNode payload() {
        return JsonNodeFactory.instance.objectNode();
    }

    @Test
    void aCheckpointsOwnIsTaken() throws IOException {
        ObjectNode payload = payload();
        payload.putObject("imported").put("endOfText", "<end>");
        payload.putObject("dataset").put("folder", "/nowhere");
        Checkpoint checkpoint = checkpoint(MODEL, payload, Map.of("tokenizer.json", TinyTokenizer.json("<end>")));
        Tokenizer found = search(null, null).of(checkpoint);
        assertThat(found.vocabularySize()).isEqualTo(TinyTokenizer.TOKENS);
        assertThat(found.endOfTextToken()).isEqualTo("<end>");
        assertThatThrownBy(() -> search(null, "<other>").of(checkpoint))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no end-of-text token '<other>'");
    }

    @Test
    void aNamedFileIsTakenBeforeAnyOther() throws IOException {
        Checkpoint checkpoint =
                checkpoint(MODEL, payload(), Map.of("tokenizer.json", TinyTokenizer.json("<|endoftext|>")));
        assertThat(search(null, null).of(checkpoint).endOfTextToken()).isEqualTo("<|endoftext|>");
        Path file = Files.write(temporary.resolve("named.json"), TinyTokenizer.json("<stop>"));
        assertThat(search(file.toString(), "<stop>").of(checkpoint).endOfTextToken())
                .isEqualTo("<stop>");
        assertThatThrownBy(() ->
                        search(temporary.resolve("missing").toString(), null).of(checkpoint))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("--tokenizer: there is neither a file nor a folder", "missing");
    }

    @Test
    void whereThereIsNoneThatIsSaid() {
        Checkpoint without = checkpoint(MODEL, payload(), Map.of());
        assertThatThrownBy(() -> search(null, null).of(without))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("has no tokenizer.json", "name a tokenizer with --tokenizer");
    }

    @Test
    void aDatasetThatIsGoneIsNamed() {
        ObjectNode payload = payload();
        payload.putObject("dataset").put("folder", temporary.resolve("gone").toString());
        Checkpoint checkpoint = checkpoint(MODEL, payload, Map.of());
        assertThatThrownBy(() -> search(null, null).of(checkpoint))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("gone, which cannot be read", "--tokenizer");
    }

    @Test
    void oneOfMoreTokensThanTheModelIsRefused() {
        Checkpoint checkpoint = checkpoint(
                MODEL.withVocabulary(TinyTokenizer.TOKENS - 1),
                payload(),
                Map.of("tokenizer.json", TinyTokenizer.json("<|endoftext|>")));
        assertThatThrownBy(() -> search(null, null).of(checkpoint))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("the tokenizer has 257 tokens", "only 256");
    }
}

package org.sluice.jobs.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sluice.data.Tokenizer;
import org.sluice.evaluation.generation.GenerationRequest;
import org.sluice.jobs.InputException;

class PromptsTest {
    private static Prompts prompts(String input, int samples, String... given) throws IOException {
        return Prompts.of(
                List.of(given), samples, new ByteArrayInputStream(input.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void everyPromptIsAskedForAsOftenAsThereAreSamples() throws IOException {
        Prompts prompts = prompts("from\nthe input\n", 2, "one", "-");
        assertThat(prompts.texts()).containsExactly("one", "from\nthe input\n");
        Tokenizer tokenizer = Tokenizer.of(TinyTokenizer.json("<|endoftext|>"), "<|endoftext|>");
        List<GenerationRequest> requests = prompts.requests(tokenizer);
        assertThat(requests.stream().map(GenerationRequest::sample)).containsExactly(0, 1, 0, 1);
        assertThat(requests.stream().map(request -> tokenizer.decode(request.prompt())))
                .containsExactly("one", "one", "from\nthe input\n", "from\nthe input\n");
        assertThatThrownBy(() -> prompts("", 1, "x", "-").requests(tokenizer))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("prompt 2 is empty");
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThatThrownBy(() -> prompts("", 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("needs a --prompt");
        assertThatThrownBy(() -> prompts("", 0, "x"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--samples is 0");
        assertThatThrownBy(() -> prompts("", 1, "-", "-"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("more than once");
        assertThatThrownBy(() -> prompts("\u00ff", 1, "-"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("not UTF-8");
    }
}

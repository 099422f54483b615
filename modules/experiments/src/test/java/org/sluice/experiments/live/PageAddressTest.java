package org.sluice.experiments.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageAddressTest {

    @Test
    void readsWhatASettingMaySay() {
        assertThat(PageAddress.parse("off")).isEmpty();
        assertThat(PageAddress.parse("auto")).hasValue(new PageAddress("127.0.0.1", 4050, false));
        assertThat(PageAddress.parse("driver-7.example.org:80"))
                .hasValue(new PageAddress("driver-7.example.org", 80, true));
        assertThat(PageAddress.parse("[::1]:0")).hasValue(new PageAddress("[::1]", 0, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "on", "4050", ":4050", "localhost", "localhost:", "localhost:65536", "a b:1", "::1:80"})
    void anythingElseIsRefusedByItsText(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PageAddress.parse(text))
                .withMessageStartingWith(
                        "'" + text + "' is no place for the live page: it takes auto, off, or HOST:PORT");
    }
}

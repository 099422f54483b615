package org.sluice.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathGlobTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "**/*.java A.java true",
                "**/*.java a/b/C.java true",
                "**/*.java a/b/C.scala false",
                "*.java a/C.java false",
                "a/**/c a/c true",
                "a/**/c a/b/b/c true",
                "a/**/c ab/c false",
                "a** abc/d true",
                "**/*.{md,txt} x/README.md true",
                "**/*.{md,txt} x/README.adoc false",
                "a?c abc true",
                "a?c a/c false",
                "[a-c].x b.x true",
                "[!a-c].x b.x false",
                "[!a-c].x d.x true",
                "a.b axb false",
                "a\\*b a*b true",
                "a\\*b axb false",
                "(a)+$ (a)+$ true"
            })
    void matches(String glob, String path, boolean expected) {
        assertThat(PathGlob.compile(glob).matcher(path).matches()).isEqualTo(expected);
    }

    @Test
    void refusesWhatIsNotClosed() {
        assertThatThrownBy(() -> PathGlob.compile("*.{a,b")).hasMessageContaining("{ that is not closed");
        assertThatThrownBy(() -> PathGlob.compile("[a")).hasMessageContaining("[ that is not closed");
        assertThatThrownBy(() -> PathGlob.compile("")).hasMessageContaining("empty");
    }
}

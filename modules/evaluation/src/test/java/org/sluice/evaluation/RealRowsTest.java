package org.sluice.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sluice.data.TokenBlock;

class RealRowsTest {
    private static final int LENGTH = 8;

    @Test
    void aBlockWithoutPaddingIsRealThroughout() {
        assertThat(RealRows.realTokens(block(0), LENGTH)).isEqualTo(8);
        assertThat(RealRows.realTokens(block(0, 3, 5), LENGTH)).isEqualTo(8);
    }

    @Test
    void aDocumentThatStartsAtTheLastTokenIsNoPadding() {
        assertThat(RealRows.realTokens(block(0, 3, 8), LENGTH)).isEqualTo(8);
    }

    @Test
    void paddingIsARunOfOneTokenDocumentsAtTheEnd() {
        assertThat(RealRows.realTokens(block(0, 7, 8), LENGTH)).isEqualTo(7);
        assertThat(RealRows.realTokens(block(0, 5, 6, 7, 8), LENGTH)).isEqualTo(5);
        assertThat(RealRows.realTokens(block(0, 1, 2, 5), LENGTH))
                .as("not at the end")
                .isEqualTo(8);
        assertThat(RealRows.realTokens(block(0, 1, 2, 3, 4, 5, 6, 7, 8), LENGTH))
                .isZero();
    }

    @Test
    void eachBlockMakesARun() {
        RealRows rows = new RealRows(List.of(block(0), block(0), block(0, 5, 6, 7, 8), block(0)), 6, LENGTH);

        assertThat(rows.runs())
                .containsExactly(
                        new RealRows.Run(0, 8),
                        new RealRows.Run(8, 8),
                        new RealRows.Run(16, 5),
                        new RealRows.Run(24, 8));
        assertThat(rows.count()).isEqualTo(29);
        assertThat(rows.padding()).isEqualTo(3);
        assertThat(rows.sequences()).isEqualTo(4);
        assertThat(rows.batchRows()).isEqualTo(48);
    }

    @Test
    void aBlockOfPaddingAloneHasNoRun() {
        RealRows rows = new RealRows(List.of(block(0, 1, 2, 3, 4, 5, 6, 7, 8), block(0)), 2, LENGTH);

        assertThat(rows.runs()).containsExactly(new RealRows.Run(8, 8));
    }

    private static TokenBlock block(int... starts) {
        return new TokenBlock(0, new int[LENGTH + 1], starts, "java");
    }
}

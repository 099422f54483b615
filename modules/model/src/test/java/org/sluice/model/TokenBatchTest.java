package org.sluice.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenBatchTest {

    @Test
    void documentsSeeThemselvesAndTheirLastTokenPredictsNothing() {
        TokenBatch batch =
                TokenBatch.of(1, 6, List.of(new int[] {10, 11, 12, 13, 14, 15, 16}), List.of(new int[] {0, 2, 5}));

        assertThat(batch.tokens()).containsExactly(10, 11, 12, 13, 14, 15);
        assertThat(batch.targets()).containsExactly(11, -1, 13, 14, -1, 16);
        assertThat(batch.firstVisible()).containsExactly(0, 0, 2, 2, 2, 5);
        assertThat(batch.targetCount()).isEqualTo(4);
    }

    @Test
    void aDocumentThatStartsAtTheLastTokenIsNotPredicted() {
        TokenBatch batch = TokenBatch.of(1, 3, List.of(new int[] {1, 2, 3, 4}), List.of(new int[] {0, 3}));

        assertThat(batch.targets()).containsExactly(2, 3, -1);
        assertThat(batch.firstVisible()).containsExactly(0, 0, 0);
    }

    @Test
    void paddingAtTheEndOfABlockIsNotTrainedOn() {
        TokenBatch batch = TokenBatch.of(1, 4, List.of(new int[] {1, 2, 9, 9, 9}), List.of(new int[] {0, 3, 4}));

        assertThat(batch.targets()).containsExactly(2, 9, -1, -1);
        assertThat(batch.firstVisible()).containsExactly(0, 0, 0, 3);
    }

    @Test
    void missingSequencesHaveNoTargets() {
        TokenBatch batch = TokenBatch.of(3, 2, List.of(new int[] {5, 6, 7}), List.of(new int[] {0}));

        assertThat(batch.tokens()).containsExactly(5, 6, 0, 0, 0, 0);
        assertThat(batch.targets()).containsExactly(6, 7, -1, -1, -1, -1);
        assertThat(batch.firstVisible()).containsExactly(0, 0, 0, 1, 0, 1);
        assertThat(batch.targetCount()).isEqualTo(2);
    }

    @Test
    void onlyPositionsThatStandForThemselvesAloneAreNotRouted() {
        // Documents 5 6 | 7 | 8 9, of which the last goes on behind the block, and a missing sequence.
        TokenBatch batch = TokenBatch.of(2, 5, List.of(new int[] {5, 6, 7, 8, 9, 10}), List.of(new int[] {0, 2, 3}));
        assertThat(routed(batch)).containsExactly(0, 1, 3, 4);
        assertThat(batch.routedCount()).isEqualTo(4);

        // A document of one token whose successor is behind the block has a target, and so is routed.
        TokenBatch atTheEnd = TokenBatch.of(1, 3, List.of(new int[] {1, 2, 3, 4}), List.of(new int[] {0, 2}));
        assertThat(atTheEnd.targets()).containsExactly(2, -1, 4);
        assertThat(routed(atTheEnd)).containsExactly(0, 1, 2);
    }

    private static int[] routed(TokenBatch batch) {
        return IntStream.range(0, batch.tokens().length).filter(batch::isRouted).toArray();
    }

    @Test
    void aBatchFilledAgainIsAsANewOne() {
        int[] block = {5, 6, 7, 8};
        int[] starts = {0, 2};
        TokenBatch kept = TokenBatch.of(
                3, 3, List.of(new int[] {1, 2, 3, 4}, block, block), List.of(new int[] {0, 1, 3}, starts, starts));
        kept.put(0, block, starts);
        kept.put(1, block, new int[] {0});
        kept.pad(2);
        TokenBatch expected = TokenBatch.of(3, 3, List.of(block, block), List.of(starts, new int[] {0}));
        assertThat(kept.tokens()).isEqualTo(expected.tokens());
        assertThat(kept.targets()).isEqualTo(expected.targets());
        assertThat(kept.firstVisible()).isEqualTo(expected.firstVisible());

        assertThatThrownBy(() -> kept.put(1, new int[] {1, 2, 3, 4}, new int[] {1}))
                .hasMessageContaining("block 1 of the batch must begin with 0, not with 1");
        assertThat(kept.tokens()).as("after a refusal").isEqualTo(expected.tokens());
    }

    @Test
    void everyPositionIsRoutedAsTheTwinSays() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int attempt = 0; attempt < 100; attempt++) {
            TokenBatch batch = RandomModels.batch(Presets.TINY, 3, random.nextInt(2, 12), random);
            for (int row = 0; row < batch.tokens().length; row++) {
                int position = row % batch.length();
                boolean expected = new PlainSequence(batch, row - position).isRouted(position);
                assertThat(batch.isRouted(row)).as("row %d of %s", row, batch).isEqualTo(expected);
            }
        }
    }

    @Test
    void malformedBlocksAreRefused() {
        List<int[]> block = List.of(new int[] {1, 2, 3});
        assertThatThrownBy(() -> TokenBatch.of(1, 3, block, List.of(new int[] {0})))
                .hasMessage("block 0 of the batch has 3 tokens; sequences of 3 need 4");
        assertThatThrownBy(() -> TokenBatch.of(1, 2, block, List.of(new int[] {1})))
                .hasMessageContaining("must begin with 0, not with 1");
        assertThatThrownBy(() -> TokenBatch.of(1, 2, block, List.of(new int[] {})))
                .hasMessageContaining("must begin with 0, not be empty");
        assertThatThrownBy(() -> TokenBatch.of(1, 2, block, List.of(new int[] {0, 2, 2})))
                .hasMessageContaining("document start 2 of block 0 of the batch is 2");
        assertThatThrownBy(() -> TokenBatch.of(1, 2, block, List.of(new int[] {0, 3})))
                .hasMessageContaining("at most 2");
        assertThatThrownBy(() -> TokenBatch.of(1, 2, List.of(), List.of())).hasMessageContaining("1 to 1 blocks");
        assertThatThrownBy(() -> TokenBatch.of(1, 2, List.of(block.get(0), block.get(0)), List.of()))
                .hasMessageContaining("not 2 and 0");
        assertThatThrownBy(() -> new TokenBatch(2, 2, new int[4], new int[3], new int[4]))
                .hasMessage("the batch has 4 positions but 3 targets");
        assertThatThrownBy(() -> new TokenBatch(0, 2, new int[0], new int[0], new int[0]))
                .hasMessageContaining("not 0 sequences of 2 tokens");
    }
}

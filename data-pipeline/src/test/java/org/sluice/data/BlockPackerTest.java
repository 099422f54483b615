package org.sluice.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockPackerTest {
    private static final int END = 99;

    private record Packed(List<int[]> tokens, List<int[]> starts) {}

    private static Packed pack(int length, List<int[]> documents) {
        Packed packed = new Packed(new ArrayList<>(), new ArrayList<>());
        BlockPacker packer = new BlockPacker(length, END);
        for (int[] document : documents) {
            for (int i = 0; i <= document.length; i++) {
                if (packer.add(i < document.length ? document[i] : END, i == 0)) {
                    keep(packer, packed);
                }
            }
        }
        if (packer.finish()) {
            keep(packer, packed);
        }
        return packed;
    }

    private static void keep(BlockPacker packer, Packed packed) {
        packed.tokens().add(packer.tokens().clone());
        packed.starts().add(packer.documentStarts());
        packer.next();
    }

    @Test
    void blocksShareTheirEndTokensAndAreFilledUpWithEndsOfText() {
        Packed packed = pack(4, List.of(new int[] {1, 2, 3}, new int[] {4}));
        assertThat(packed.tokens()).containsExactly(new int[] {1, 2, 3, END, 4}, new int[] {4, END, END, END, END});
        // The second document's start is the first block's last token, which its third position must not predict.
        assertThat(packed.starts()).containsExactly(new int[] {0, 4}, new int[] {0, 2, 3, 4});
    }

    @Test
    void aStreamThatEndsWithABlockHasNoPadding() {
        Packed packed = pack(4, List.of(new int[] {1, 2, 3, 4}));
        assertThat(packed.tokens()).containsExactly(new int[] {1, 2, 3, 4, END});
        assertThat(packed.starts()).containsExactly(new int[] {0});
    }

    @Test
    void eachTokenIsPredictedOnceAndTheirNumberIsKnownBefore() {
        long seed = System.nanoTime();
        System.out.println("BlockPackerTest seed " + seed);
        Random random = new Random(seed);
        for (int trial = 0; trial < 300; trial++) {
            int length = 2 + random.nextInt(12);
            List<int[]> documents = new ArrayList<>();
            List<Integer> stream = new ArrayList<>();
            List<Boolean> predicted = new ArrayList<>();
            for (int document = 1 + random.nextInt(6); document > 0; document--) {
                int[] tokens = random.ints(1 + random.nextInt(30), 0, 90).toArray();
                documents.add(tokens);
                for (int i = 0; i < tokens.length; i++) {
                    stream.add(tokens[i]);
                    predicted.add(i > 0);
                }
                stream.add(END);
                predicted.add(true);
            }
            Packed packed = pack(length, documents);
            assertThat((long) packed.tokens().size()).isEqualTo(BlockPlan.blocks(stream.size(), length));
            List<Integer> targets = new ArrayList<>();
            for (int block = 0; block < packed.tokens().size(); block++) {
                int[] tokens = packed.tokens().get(block);
                List<Integer> starts = java.util.Arrays.stream(packed.starts().get(block))
                        .boxed()
                        .toList();
                for (int t = 0; t < length; t++) {
                    if (!starts.contains(t + 1)) {
                        targets.add(tokens[t + 1]);
                    }
                }
            }
            List<Integer> expected = new ArrayList<>();
            for (int i = 1; i < stream.size(); i++) {
                if (predicted.get(i)) {
                    expected.add(stream.get(i));
                }
            }
            assertThat(targets).as("trial %d of seed %d", trial, seed).isEqualTo(expected);
        }
    }
}

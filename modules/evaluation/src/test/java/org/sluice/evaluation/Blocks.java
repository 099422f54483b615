package org.sluice.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.sluice.data.TokenBlock;

/** Random token blocks, some padded. */
final class Blocks {
    private Blocks() {}

    /** A block and, said independently of {@link RealRows}, how many of its tokens come before the padding. */
    record Padded(TokenBlock block, int realTokens) {}

    static List<Padded> random(int count, int length, int vocabulary, SplittableRandom random, String... domains) {
        List<Padded> blocks = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            String domain = domains[number * domains.length / count];
            int padding = number % 3 == 1 ? random.nextInt(1, length - 2) : 0;
            blocks.add(block(number, length, padding, vocabulary, random, domain));
        }
        return blocks;
    }

    static Padded block(long number, int length, int padding, int vocabulary, SplittableRandom random, String domain) {
        int[] tokens = random.ints(length + 1, 1, vocabulary).toArray();
        TreeSet<Integer> starts = new TreeSet<>(List.of(0));
        int text = length + 1 - padding;
        // Documents of the text have two tokens or more, the last of them too.
        for (int start = 2; start < text - 1; start += 2 + random.nextInt(5)) {
            starts.add(start);
        }
        starts.removeIf(start -> start > 0 && start >= text - 1);
        IntStream.range(text, length + 1).forEach(index -> {
            tokens[index] = 0;
            starts.add(index);
        });
        TokenBlock block = new TokenBlock(
                number, tokens, starts.stream().mapToInt(Integer::intValue).toArray(), domain);
        return new Padded(block, Math.min(length, text));
    }
}

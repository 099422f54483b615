package org.sluice.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BytePairTrainerTest {
    @Test
    void learnsTheMergesThatCountingAnewAfterEachStepLearns() {
        long seed = System.nanoTime();
        System.out.println("BytePairTrainerTest seed " + seed);
        Random random = new Random(seed);
        for (int trial = 0; trial < 30; trial++) {
            List<BytePairTrainer.CountedWord> words = randomWords(random);
            int merges = random.nextInt(120);
            long minimum = 1L + random.nextInt(3);
            assertThat(BytePairTrainer.train(words, merges, minimum, PreparationListener.none()))
                    .as("trial %d of seed %d", trial, seed)
                    .isEqualTo(slowly(words, merges, minimum));
        }
    }

    @Test
    void doesNotDependOnTheOrderOfWords() {
        long seed = System.nanoTime();
        System.out.println("BytePairTrainerTest seed " + seed);
        Random random = new Random(seed);
        List<BytePairTrainer.CountedWord> words = randomWords(random);
        List<BytePairTrainer.CountedWord> shuffled = new ArrayList<>(words);
        Collections.shuffle(shuffled, random);
        assertThat(BytePairTrainer.train(shuffled, 100, 1, PreparationListener.none()))
                .as("seed %d", seed)
                .isEqualTo(BytePairTrainer.train(words, 100, 1, PreparationListener.none()));
    }

    @Test
    void stopsWhereNoPairIsFrequentEnough() {
        List<BytePairTrainer.CountedWord> words =
                List.of(new BytePairTrainer.CountedWord("abab".getBytes(StandardCharsets.UTF_8), 1));
        assertThat(BytePairTrainer.train(words, 10, 2, PreparationListener.none()))
                .containsExactly(new BytePairTrainer.Merge('a', 'b'));
    }

    private static List<BytePairTrainer.CountedWord> randomWords(Random random) {
        Map<String, Long> counts = new TreeMap<>();
        int letters = 1 + random.nextInt(5);
        for (int i = 0; i < 150; i++) {
            StringBuilder word = new StringBuilder();
            for (int length = 1 + random.nextInt(12); length > 0; length--) {
                word.append((char) ('a' + random.nextInt(letters)));
            }
            counts.merge(word.toString(), 1L + random.nextInt(5), Long::sum);
        }
        List<BytePairTrainer.CountedWord> words = new ArrayList<>();
        counts.forEach((word, count) ->
                words.add(new BytePairTrainer.CountedWord(word.getBytes(StandardCharsets.UTF_8), count)));
        return words;
    }

    private static List<BytePairTrainer.Merge> slowly(
            List<BytePairTrainer.CountedWord> counted, int merges, long minimum) {
        List<List<Integer>> words = new ArrayList<>();
        for (BytePairTrainer.CountedWord word : counted) {
            List<Integer> tokens = new ArrayList<>();
            for (byte b : word.word()) {
                tokens.add(b & 0xFF);
            }
            words.add(tokens);
        }
        List<BytePairTrainer.Merge> learnt = new ArrayList<>();
        while (learnt.size() < merges) {
            Map<List<Integer>, Long> pairs = new HashMap<>();
            for (int word = 0; word < words.size(); word++) {
                for (int i = 0; i + 1 < words.get(word).size(); i++) {
                    pairs.merge(
                            List.copyOf(words.get(word).subList(i, i + 2)),
                            counted.get(word).count(),
                            Long::sum);
                }
            }
            List<Integer> best = null;
            for (Map.Entry<List<Integer>, Long> pair : pairs.entrySet()) {
                if (pair.getValue() >= minimum && (best == null || before(pair.getKey(), best, pairs))) {
                    best = pair.getKey();
                }
            }
            if (best == null) {
                break;
            }
            for (List<Integer> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    if (word.subList(i, i + 2).equals(best)) {
                        word.remove(i + 1);
                        word.set(i, 256 + learnt.size());
                    }
                }
            }
            learnt.add(new BytePairTrainer.Merge(best.get(0), best.get(1)));
        }
        return learnt;
    }

    private static boolean before(List<Integer> pair, List<Integer> other, Map<List<Integer>, Long> pairs) {
        int byCount = Long.compare(pairs.get(other), pairs.get(pair));
        int byLeft = Integer.compare(pair.get(0), other.get(0));
        int byRight = Integer.compare(pair.get(1), other.get(1));
        return byCount != 0 ? byCount < 0 : byLeft != 0 ? byLeft < 0 : byRight < 0;
    }
}

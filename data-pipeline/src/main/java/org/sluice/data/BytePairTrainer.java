package org.sluice.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Learns the merges of byte-pair encoding from counted words (Sennrich, Haddow and Birch, arXiv 1508.07909), on bytes.
 *
 * <p>Each step merges the pair of neighbouring tokens that occurs most often; of equal counts, the pair of smaller token numbers,
 * left token first. Pair counts and the words of each pair are kept up to date, so that a step touches only the words that hold the
 * pair. Tokens 0 to 255 are the bytes; merge {@code i} makes token {@code 256 + i}.
 */
final class BytePairTrainer {
    /** The token number of the first merge. */
    static final int FIRST_MERGE = 256;

    private final int[][] words;
    private final long[] counts;
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> candidates = new PriorityQueue<>();
    private final int[] changedAt;

    /** Two neighbouring tokens that become one. */
    record Merge(int left, int right) {}

    /** A word in UTF-8 and how often it occurs. */
    record CountedWord(byte[] word, long count) {}

    private record Candidate(long count, long key) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int byCount = Long.compare(other.count, count);
            return byCount != 0 ? byCount : Long.compare(key, other.key);
        }
    }

    /** How often a pair occurs now, and the words that hold it or once held it. */
    private static final class Pair {
        private long count;
        private int[] words = new int[2];
        private int size;

        private void addWord(int word) {
            if (size > 0 && words[size - 1] == word) {
                return;
            }
            if (size == words.length) {
                words = Arrays.copyOf(words, size * 2);
            }
            words[size++] = word;
        }
    }

    private BytePairTrainer(List<CountedWord> words) {
        this.words = new int[words.size()][];
        this.counts = new long[words.size()];
        this.changedAt = new int[words.size()];
        Arrays.fill(changedAt, -1);
        for (int word = 0; word < this.words.length; word++) {
            byte[] bytes = words.get(word).word();
            int[] tokens = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                tokens[i] = bytes[i] & 0xFF;
            }
            this.words[word] = tokens;
            this.counts[word] = words.get(word).count();
            addInitialPairs(word);
        }
        pairs.forEach((key, pair) -> candidates.add(new Candidate(pair.count, key)));
    }

    /**
     * Learns merges.
     *
     * @param words distinct words with their counts, in any order
     * @param merges how many to learn; fewer come back if no pair is frequent enough
     * @param minimumFrequency how often a pair must occur to be merged
     * @param progress told after each merge
     */
    static List<Merge> train(List<CountedWord> words, int merges, long minimumFrequency, PreparationListener progress) {
        BytePairTrainer trainer = new BytePairTrainer(words);
        List<Merge> learnt = new ArrayList<>(merges);
        while (learnt.size() < merges) {
            Merge merge = trainer.next(minimumFrequency);
            if (merge == null) {
                break;
            }
            trainer.apply(merge, learnt.size());
            learnt.add(merge);
            progress.progress(PreparationListener.Stage.MERGES, learnt.size(), merges);
        }
        return learnt;
    }

    private Merge next(long minimumFrequency) {
        while (!candidates.isEmpty()) {
            Candidate candidate = candidates.poll();
            Pair pair = pairs.get(candidate.key());
            if (pair == null || pair.count < minimumFrequency) {
                continue;
            }
            if (pair.count == candidate.count()) {
                return new Merge((int) (candidate.key() >>> 32), (int) candidate.key());
            }
            // The count fell since the pair was queued; it goes back to where it belongs now.
            if (pair.count < candidate.count()) {
                candidates.add(new Candidate(pair.count, candidate.key()));
            }
        }
        return null;
    }

    private void apply(Merge merge, int step) {
        Pair merged = pairs.get(key(merge.left(), merge.right()));
        int token = FIRST_MERGE + step;
        Map<Long, Pair> fresh = new HashMap<>();
        for (int i = 0; i < merged.size; i++) {
            int word = merged.words[i];
            if (changedAt[word] != step) {
                changedAt[word] = step;
                changeCounts(word, -counts[word]);
                words[word] = merge(words[word], merge, token);
                addPairsOf(word, token, fresh);
                changeCounts(word, counts[word]);
            }
        }
        pairs.remove(key(merge.left(), merge.right()));
        // Only pairs with the new token can have become more frequent, and none of them was queued before.
        fresh.forEach((key, pair) -> candidates.add(new Candidate(pair.count, key)));
    }

    private void addInitialPairs(int word) {
        int[] tokens = words[word];
        for (int i = 0; i + 1 < tokens.length; i++) {
            pairs.computeIfAbsent(key(tokens[i], tokens[i + 1]), key -> new Pair())
                    .addWord(word);
        }
        changeCounts(word, counts[word]);
    }

    private void addPairsOf(int word, int token, Map<Long, Pair> fresh) {
        int[] tokens = words[word];
        for (int i = 0; i + 1 < tokens.length; i++) {
            if (tokens[i] == token || tokens[i + 1] == token) {
                Long key = key(tokens[i], tokens[i + 1]);
                Pair pair = pairs.computeIfAbsent(key, unused -> new Pair());
                pair.addWord(word);
                fresh.put(key, pair);
            }
        }
    }

    private void changeCounts(int word, long change) {
        int[] tokens = words[word];
        for (int i = 0; i + 1 < tokens.length; i++) {
            pairs.get(key(tokens[i], tokens[i + 1])).count += change;
        }
    }

    private static int[] merge(int[] tokens, Merge merge, int merged) {
        int[] result = new int[tokens.length];
        int size = 0;
        for (int i = 0; i < tokens.length; i++) {
            if (i + 1 < tokens.length && tokens[i] == merge.left() && tokens[i + 1] == merge.right()) {
                result[size++] = merged;
                i++;
            } else {
                result[size++] = tokens[i];
            }
        }
        return Arrays.copyOf(result, size);
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }
}

package org.sluice.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private final PairTable pairs = new PairTable();
    private final PriorityQueue<Candidate> candidates = new PriorityQueue<>();

    /** Two neighbouring tokens that become one. */
    record Merge(int left, int right) {}

    /** A word in UTF-8 and how often it occurs. */
    record CountedWord(byte[] word, long count) {}

    private record Candidate(long count, long key, int pair) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int byCount = Long.compare(other.count, count);
            return byCount != 0 ? byCount : Long.compare(key, other.key);
        }
    }

    private BytePairTrainer(List<CountedWord> counted) {
        this.words = new int[counted.size()][];
        this.counts = new long[counted.size()];
        for (int word = 0; word < words.length; word++) {
            byte[] bytes = counted.get(word).word();
            int[] tokens = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                tokens[i] = bytes[i] & 0xFF;
            }
            words[word] = tokens;
            counts[word] = counted.get(word).count();
            for (int i = 0; i + 1 < tokens.length; i++) {
                int pair = pairs.number(tokens[i], tokens[i + 1]);
                pairs.add(pair, counts[word]);
                pairs.addWord(pair, word);
            }
        }
        offerFrom(0);
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
            int pair = trainer.mostFrequent(minimumFrequency);
            if (pair < 0) {
                break;
            }
            trainer.merge(pair, FIRST_MERGE + learnt.size());
            learnt.add(new Merge(trainer.pairs.left(pair), trainer.pairs.right(pair)));
            progress.progress(PreparationListener.Stage.MERGES, learnt.size(), merges);
        }
        progress.progress(PreparationListener.Stage.MERGES, merges, merges);
        return learnt;
    }

    private int mostFrequent(long minimumFrequency) {
        while (!candidates.isEmpty()) {
            Candidate candidate = candidates.poll();
            long count = pairs.count(candidate.pair());
            if (count == candidate.count()) {
                return count < minimumFrequency ? -1 : candidate.pair();
            }
            // The count fell since the pair was queued; it goes back to where it belongs now.
            if (count > 0) {
                candidates.add(new Candidate(count, candidate.key(), candidate.pair()));
            }
        }
        return -1;
    }

    private void merge(int pair, int token) {
        int firstNew = pairs.size();
        for (int word : pairs.takeWords(pair)) {
            mergeIn(word, pairs.left(pair), pairs.right(pair), token);
        }
        // Only pairs with the new token have become more frequent, and none of them was there before.
        offerFrom(firstNew);
    }

    private void offerFrom(int first) {
        for (int pair = first; pair < pairs.size(); pair++) {
            if (pairs.count(pair) > 0) {
                candidates.add(new Candidate(pairs.count(pair), pairs.key(pair), pair));
            }
        }
    }

    /** Merges in one word, from the left, and changes the counts of the pairs that it loses and gains. */
    private void mergeIn(int word, int left, int right, int token) {
        int[] old = words[word];
        int[] merged = new int[old.length];
        int size = 0;
        int counted = 0;
        for (int i = 0; i < old.length; i++) {
            if (i + 1 < old.length && old[i] == left && old[i + 1] == right) {
                // The old pairs at i - 1, i and i + 1 go; one that the merge before took away is not taken again.
                for (int gone = Math.max(counted, i - 1); gone <= i + 1 && gone + 1 < old.length; gone++) {
                    pairs.add(pairs.number(old[gone], old[gone + 1]), -counts[word]);
                    counted = gone + 1;
                }
                merged[size++] = token;
                i++;
            } else {
                merged[size++] = old[i];
            }
        }
        if (size == old.length) {
            return;
        }
        words[word] = Arrays.copyOf(merged, size);
        for (int i = 0; i + 1 < size; i++) {
            if (merged[i] == token || merged[i + 1] == token) {
                int pair = pairs.number(merged[i], merged[i + 1]);
                pairs.add(pair, counts[word]);
                pairs.addWord(pair, word);
            }
        }
    }
}

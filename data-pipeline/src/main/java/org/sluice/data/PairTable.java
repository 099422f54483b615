package org.sluice.data;

import java.util.Arrays;

/** Pairs of tokens: how often each occurs now, and the words that hold it or once held it. Pairs are numbered from 0. */
final class PairTable {
    private static final int NONE = -1;

    private int[] slots = new int[1 << 16];
    private long[] keys = new long[1 << 15];
    private long[] counts = new long[1 << 15];
    private int[][] words = new int[1 << 15][];
    private int[] wordCounts = new int[1 << 15];
    private int size;

    PairTable() {
        Arrays.fill(slots, NONE);
    }

    /** The number of a pair; it gets one if it has none yet. */
    int number(int left, int right) {
        long key = (long) left << 32 | right;
        int slot = slot(key);
        if (slots[slot] == NONE) {
            if (size == keys.length) {
                grow();
                slot = slot(key);
            }
            slots[slot] = size;
            keys[size] = key;
            words[size] = new int[2];
            size++;
        }
        return slots[slot];
    }

    int size() {
        return size;
    }

    int left(int pair) {
        return (int) (keys[pair] >>> 32);
    }

    int right(int pair) {
        return (int) keys[pair];
    }

    /** Both tokens in one number: in the order of the left token, then of the right. */
    long key(int pair) {
        return keys[pair];
    }

    long count(int pair) {
        return counts[pair];
    }

    void add(int pair, long change) {
        counts[pair] += change;
    }

    /** Notes that a word holds a pair; one word may be noted several times. */
    void addWord(int pair, int word) {
        int count = wordCounts[pair];
        if (count > 0 && words[pair][count - 1] == word) {
            return;
        }
        if (count == words[pair].length) {
            words[pair] = Arrays.copyOf(words[pair], count * 2);
        }
        words[pair][count] = word;
        wordCounts[pair]++;
    }

    /** The words noted for a pair, which are forgotten here. */
    int[] takeWords(int pair) {
        int[] taken = Arrays.copyOf(words[pair], wordCounts[pair]);
        words[pair] = new int[1];
        wordCounts[pair] = 0;
        return taken;
    }

    private int slot(long key) {
        int mask = slots.length - 1;
        int slot = (int) Digests.mix(key) & mask;
        while (slots[slot] != NONE && keys[slots[slot]] != key) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        keys = Arrays.copyOf(keys, size * 2);
        counts = Arrays.copyOf(counts, size * 2);
        words = Arrays.copyOf(words, size * 2);
        wordCounts = Arrays.copyOf(wordCounts, size * 2);
        slots = new int[slots.length * 2];
        Arrays.fill(slots, NONE);
        for (int pair = 0; pair < size; pair++) {
            slots[slot(keys[pair])] = pair;
        }
    }
}

package org.sluice.experiments.live;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/** The newest of things that may be many, and how many there were. */
final class Newest<T> {
    private final int most;
    private final Deque<T> kept = new ArrayDeque<>();
    private long count;

    Newest(int most) {
        this.most = most;
    }

    void add(T item) {
        kept.addLast(item);
        if (kept.size() > most) {
            kept.removeFirst();
        }
        count++;
    }

    /** Those that are kept, the newest first. */
    List<T> newestFirst() {
        List<T> items = new ArrayList<>(kept);
        Collections.reverse(items);
        return items;
    }

    long count() {
        return count;
    }
}

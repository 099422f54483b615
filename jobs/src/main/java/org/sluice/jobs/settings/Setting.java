package org.sluice.jobs.settings;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value in a tree of settings, and where it was written. */
public sealed interface Setting {

    /** Where it was written, for messages: {@code quickstart.yaml:12}, {@code --set training.steps=5}. */
    String where();

    /** What it is in a user's words: {@code a whole number}. */
    String kind();

    /** The same as if all of it was written there. */
    Setting writtenAt(String place);

    /** Keys and their values, in the order written. */
    record Section(Map<String, Setting> entries, String where) implements Setting {
        public Section {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        @Override
        public String kind() {
            return "a section with keys";
        }

        @Override
        public Section writtenAt(String place) {
            Map<String, Setting> placed = new LinkedHashMap<>();
            entries.forEach((key, value) -> placed.put(key, value.writtenAt(place)));
            return new Section(placed, place);
        }

        /** This section with those of another laid over it: sections are merged key by key, anything else is replaced. */
        public Section overlaidBy(Section upper) {
            Map<String, Setting> merged = new LinkedHashMap<>(entries);
            upper.entries.forEach((key, value) -> merged.merge(
                    key,
                    value,
                    (below, above) -> below instanceof Section lowerSection && above instanceof Section upperSection
                            ? lowerSection.overlaidBy(upperSection)
                            : above));
            return new Section(merged, upper.where);
        }
    }

    /** A list. */
    record Items(List<Setting> items, String where) implements Setting {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "a list";
        }

        @Override
        public Items writtenAt(String place) {
            return new Items(items.stream().map(item -> item.writtenAt(place)).toList(), place);
        }
    }

    /**
     * A single value.
     *
     * @param value a {@link Boolean}, {@link Long}, {@link Double} or {@link String}
     */
    record Scalar(Object value, String where) implements Setting {
        @Override
        public String kind() {
            if (value instanceof Boolean) {
                return value.toString();
            }
            if (value instanceof Long) {
                return "the whole number " + value;
            }
            return value instanceof Double ? "the number " + value : "the text '" + value + "'";
        }

        @Override
        public Scalar writtenAt(String place) {
            return new Scalar(value, place);
        }
    }

    /** A key without a value. */
    record Empty(String where) implements Setting {
        @Override
        public String kind() {
            return "nothing";
        }

        @Override
        public Empty writtenAt(String place) {
            return new Empty(place);
        }
    }
}

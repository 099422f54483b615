package org.sluice.data;

import java.util.Locale;

/** How documents lie in a file. */
public enum InputFormat {
    /** One document a file, UTF-8; {@code .gz} and {@code .zst} are decompressed. */
    TEXT,
    /** One JSON object a line, with the document in one of its fields; {@code .gz} and {@code .zst} are decompressed. */
    JSONL,
    /** One document a row, in a column of strings or bytes. */
    PARQUET,
    /** A jar or zip file: one document an entry. */
    ARCHIVE;

    /**
     * The format that a file's name tells: {@code .jsonl}, {@code .ndjson} (also with {@code .gz} or {@code .zst}), {@code .parquet},
     * {@code .jar}, {@code .zip}; everything else is text.
     */
    public static InputFormat of(String fileName) {
        String name = Compression.of(fileName).withoutExtension(fileName).toLowerCase(Locale.ROOT);
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return JSONL;
        }
        if (name.endsWith(".parquet")) {
            return PARQUET;
        }
        if (name.endsWith(".jar") || name.endsWith(".zip")) {
            return ARCHIVE;
        }
        return TEXT;
    }
}

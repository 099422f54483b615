package org.sluice.data;

import java.util.List;

/**
 * One source of documents.
 *
 * @param domain the name under which its documents are counted and evaluated, for example {@code java}; several inputs may share one
 * @param paths files, folders (read with all below them) or globs, on any file system that Hadoop knows; at least one
 * @param format how the files are read; null: by each file's name, see {@link InputFormat#of}
 * @param include globs such as {@code **}{@code /*.java}; only archive entries, and files below a folder, whose path matches one are
 *     read; empty: all. {@code *} stays within a folder, {@code **} crosses folders, {@code ?}, {@code [a-z]} and {@code {a,b}} work
 * @param textField the JSON field or Parquet column that holds the text; null: {@code text}
 */
public record CorpusInput(
        String domain, List<String> paths, InputFormat format, List<String> include, String textField) {
    private static final String DEFAULT_TEXT_FIELD = "text";

    /** @throws IllegalArgumentException if a value is missing or out of its range */
    public CorpusInput {
        if (domain == null || domain.isBlank()) {
            throw new IllegalArgumentException("an input has no domain; give each input a domain name such as 'prose'");
        }
        if (paths == null || paths.isEmpty()) {
            throw new IllegalArgumentException(
                    "the input of domain '" + domain + "' has no paths; name at least one file, folder or glob");
        }
        for (String path : paths) {
            if (path == null || path.isBlank()) {
                throw new IllegalArgumentException("the input of domain '" + domain + "' has an empty path");
            }
        }
        paths = List.copyOf(paths);
        include = include == null ? List.of() : List.copyOf(include);
        for (String glob : include) {
            PathGlob.compile(glob);
        }
        textField = textField == null ? DEFAULT_TEXT_FIELD : textField;
        if (textField.isBlank()) {
            throw new IllegalArgumentException("the input of domain '" + domain + "' has an empty text field name");
        }
    }

    /** An input whose files tell their format by their names. */
    public static CorpusInput of(String domain, String... paths) {
        return new CorpusInput(domain, List.of(paths), null, List.of(), null);
    }

    /** The same input, reading only what matches one of these globs. */
    public CorpusInput including(String... globs) {
        return new CorpusInput(domain, paths, format, List.of(globs), textField);
    }

    /** What messages call this input. */
    String describe() {
        return "the input of domain '" + domain + "' (" + String.join(", ", paths)
                + (include.isEmpty() ? "" : "; include " + String.join(", ", include)) + ")";
    }
}

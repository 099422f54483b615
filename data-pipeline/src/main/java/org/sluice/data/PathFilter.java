package org.sluice.data;

import java.util.List;
import java.util.regex.Pattern;

/** Which paths an input includes. */
final class PathFilter {
    private final List<Pattern> included;

    private PathFilter(List<Pattern> included) {
        this.included = included;
    }

    static PathFilter of(List<String> globs) {
        return new PathFilter(globs.stream().map(PathGlob::compile).toList());
    }

    /** Whether a slash-separated relative path is included; all are where there are no globs. */
    boolean accepts(String path) {
        return included.isEmpty()
                || included.stream().anyMatch(pattern -> pattern.matcher(path).matches());
    }
}

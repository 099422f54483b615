package org.sluice.jobs.file;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.sluice.jobs.settings.Setting;

/** Makes the paths of what is read absolute; a job file gives them relative to a folder on the local disk. */
record RelativePaths(Path folder) {
    private static final Pattern WITH_SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

    /** Leaves absolute paths and those with a scheme ({@code hdfs://...}) as they are, and what is no text. A path may hold globs. */
    Setting resolve(Setting setting) {
        if (setting instanceof Setting.Items list) {
            return new Setting.Items(list.items().stream().map(this::resolve).toList(), list.where());
        }
        if (setting instanceof Setting.Scalar scalar && scalar.value() instanceof String path) {
            return new Setting.Scalar(resolve(path), scalar.where());
        }
        return setting;
    }

    private String resolve(String path) {
        boolean complete = path.isBlank()
                || path.startsWith("/")
                || WITH_SCHEME.matcher(path).matches();
        return complete ? path : "file:" + folder.normalize() + "/" + path;
    }
}

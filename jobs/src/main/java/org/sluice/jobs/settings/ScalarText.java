package org.sluice.jobs.settings;

import java.util.regex.Pattern;

/**
 * What an unquoted word means: the core schema of YAML 1.2. Unlike YAML 1.1, {@code 3e-4} is a number, and {@code no} and {@code on}
 * are texts.
 */
final class ScalarText {
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+");
    private static final Pattern REAL = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

    private ScalarText() {}

    static Setting parse(String text, String where) {
        if (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null")) {
            return new Setting.Empty(where);
        }
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
            return new Setting.Scalar(Boolean.valueOf(text), where);
        }
        if (INTEGER.matcher(text).matches()) {
            try {
                return new Setting.Scalar(Long.valueOf(text), where);
            } catch (NumberFormatException tooLong) {
                return new Setting.Scalar(Double.valueOf(text), where);
            }
        }
        if (REAL.matcher(text).matches()) {
            return new Setting.Scalar(Double.valueOf(text), where);
        }
        return new Setting.Scalar(text, where);
    }
}

package org.sluice.jobs.settings;

import java.util.Map;
import java.util.regex.Pattern;

/** Writes settings as YAML that {@link YamlSettings} reads back to the same values. */
public final class YamlText {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./+=-]*");

    private final StringBuilder text = new StringBuilder();

    private YamlText() {}

    /** The text of a section, a key a line. */
    public static String of(Setting.Section section) {
        YamlText writer = new YamlText();
        writer.section(section, "");
        return writer.text.toString();
    }

    private void section(Setting.Section section, String indent) {
        for (Map.Entry<String, Setting> entry : section.entries().entrySet()) {
            text.append(indent).append(scalar(entry.getKey())).append(':');
            value(entry.getValue(), indent);
        }
    }

    private void value(Setting value, String indent) {
        if (value instanceof Setting.Section section && !section.entries().isEmpty()) {
            text.append('\n');
            section(section, indent + "  ");
        } else if (value instanceof Setting.Items list && !list.items().isEmpty()) {
            text.append('\n');
            for (Setting item : list.items()) {
                item(item, indent + "  ");
            }
        } else {
            text.append(' ').append(inline(value)).append('\n');
        }
    }

    /** A section in a list begins on the line of its dash. */
    private void item(Setting item, String indent) {
        int start = text.length();
        if (item instanceof Setting.Section section && !section.entries().isEmpty()) {
            section(section, indent + "  ");
            text.replace(start, start + indent.length() + 2, indent + "- ");
        } else {
            text.append(indent).append('-');
            value(item, indent + "  ");
        }
    }

    private static String inline(Setting value) {
        if (value instanceof Setting.Scalar scalar) {
            return scalar(scalar.value());
        }
        if (value instanceof Setting.Empty) {
            return "null";
        }
        return value instanceof Setting.Items ? "[]" : "{}";
    }

    private static String scalar(Object value) {
        if (!(value instanceof String word)) {
            return value.toString();
        }
        boolean plain = PLAIN.matcher(word).matches()
                && ScalarText.parse(word, "") instanceof Setting.Scalar scalar
                && scalar.value().equals(word);
        return plain ? word : quoted(word);
    }

    private static String quoted(String word) {
        StringBuilder result = new StringBuilder("\"");
        word.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                result.append('\\').appendCodePoint(c);
            } else if (Character.isISOControl(c)) {
                result.append(String.format("\\u%04x", c));
            } else {
                result.appendCodePoint(c);
            }
        });
        return result.append('"').toString();
    }
}

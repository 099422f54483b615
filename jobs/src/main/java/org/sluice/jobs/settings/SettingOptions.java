package org.sluice.jobs.settings;

import java.util.List;
import java.util.Map;
import org.sluice.jobs.InputException;

/** Settings given on the command line: {@code --set training.steps=500}. */
public final class SettingOptions {
    private SettingOptions() {}

    /**
     * Lays options over settings.
     *
     * @param options {@code key=value} each, the key dotted, the value as YAML writes it on one line: a word, or {@code [a, b]}
     * @throws InputException if an option is not of that form
     */
    public static Setting.Section overlay(Setting.Section settings, List<String> options) {
        Setting.Section result = settings;
        for (String option : options) {
            int equals = option.indexOf('=');
            String where = "--set " + option;
            if (equals < 1
                    || option.startsWith(".")
                    || option.substring(0, equals).endsWith(".")) {
                throw new InputException(where + ": expected KEY=VALUE with a dotted key, such as training.steps=500");
            }
            String[] keys = option.substring(0, equals).split("\\.", -1);
            Setting value = value(option.substring(equals + 1), where);
            for (int i = keys.length - 1; i >= 0; i--) {
                value = new Setting.Section(Map.of(keys[i], value), where);
            }
            result = result.overlaidBy((Setting.Section) value);
        }
        return result;
    }

    private static Setting value(String text, String where) {
        boolean structured =
                text.startsWith("[") || text.startsWith("{") || text.startsWith("\"") || text.startsWith("'");
        return structured
                ? YamlSettings.read("value: " + text, where)
                        .entries()
                        .get("value")
                        .writtenAt(where)
                : ScalarText.parse(text, where);
    }
}

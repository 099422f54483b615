package org.sluice.jobs.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sluice.jobs.InputException;
import org.sluice.jobs.settings.Setting;
import org.sluice.jobs.settings.SettingBinder;
import org.sluice.jobs.settings.SettingOptions;
import org.sluice.jobs.settings.YamlSettings;
import org.sluice.jobs.settings.YamlText;

/**
 * A job file that was read: what it says, and the same as complete text, to keep beside the results.
 *
 * @param file what it says
 * @param text all settings, defaults included, input paths absolute; reads back as the same job from any folder
 */
public record Job(JobFile file, String text) {
    private static final String DEFAULTS = "/org/sluice/jobs/defaults.yaml";

    /**
     * Reads a job file: the defaults, the file over them, the command line's settings over that.
     *
     * @param text of the job file
     * @param name where it is; paths of inputs are looked up from its folder
     * @param options {@code key=value} each
     * @throws InputException if something is no YAML, a key is unknown or missing, or a value does not fit
     */
    public static Job read(String text, String name, List<String> options) {
        Setting.Section defaults = YamlSettings.read(defaults(), DEFAULTS).writtenAt(name);
        Setting.Section settings = SettingOptions.overlay(defaults.overlaidBy(YamlSettings.read(text, name)), options);
        Path folder = Path.of(name).toAbsolutePath().getParent();
        Setting.Section complete = withAbsoluteInputs(settings, new RelativePaths(folder));
        return new Job(SettingBinder.bind(complete, JobFile.class), YamlText.of(complete));
    }

    /** The text of the resource with the defaults. */
    static String defaults() {
        try (InputStream resource = Job.class.getResourceAsStream(DEFAULTS)) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the resource " + DEFAULTS + " of Sluice cannot be read", e);
        }
    }

    private static Setting.Section withAbsoluteInputs(Setting.Section settings, RelativePaths relative) {
        if (!(settings.entries().get("data") instanceof Setting.Section data)) {
            return settings;
        }
        Setting.Section changed = data;
        if (data.entries().get("inputs") instanceof Setting.Items inputs) {
            List<Setting> resolved = new ArrayList<>();
            inputs.items()
                    .forEach(input -> resolved.add(
                            input instanceof Setting.Section section ? with(section, "paths", relative) : input));
            changed = with(changed, "inputs", new Setting.Items(resolved, inputs.where()));
        }
        if (data.entries().get("tokenizer") instanceof Setting.Section tokenizer) {
            changed = with(changed, "tokenizer", with(tokenizer, "path", relative));
        }
        return with(settings, "data", changed);
    }

    private static Setting.Section with(Setting.Section section, String key, RelativePaths relative) {
        Setting value = section.entries().get(key);
        return value == null ? section : with(section, key, relative.resolve(value));
    }

    private static Setting.Section with(Setting.Section section, String key, Setting value) {
        Map<String, Setting> entries = new LinkedHashMap<>(section.entries());
        entries.put(key, value);
        return new Setting.Section(entries, section.where());
    }
}

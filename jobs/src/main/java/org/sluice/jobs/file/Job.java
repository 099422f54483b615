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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.sluice.cluster.ClusterConfig;
import org.sluice.jobs.InputException;
import org.sluice.jobs.settings.Setting;
import org.sluice.jobs.settings.SettingBinder;
import org.sluice.jobs.settings.SettingOptions;
import org.sluice.jobs.settings.YamlSettings;
import org.sluice.jobs.settings.YamlText;
import org.sluice.model.Nearest;

/**
 * A job file that was read: what it says, and the same as complete text, to keep beside the results.
 *
 * @param file what it says
 * @param text all settings, defaults included, paths of what is read absolute; reads back as the same job from any folder
 */
public record Job(JobFile file, String text) {
    /** Settings that may change between sessions of one run. */
    private static final List<String> FREE = Stream.concat(
                    Stream.of("runs", "variants[", "watching."),
                    ClusterConfig.MAY_CHANGE.stream().map("cluster."::concat))
            .toList();

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
        Setting.Section absolute =
                with(complete, "startFrom", new RelativePaths(Path.of("").toAbsolutePath()));
        return new Job(SettingBinder.bind(absolute, JobFile.class), YamlText.of(absolute));
    }

    /**
     * The same job with one of its variants; the text stays that of the whole.
     *
     * @throws InputException if the job has no such variant
     */
    public Job withVariant(String variant) {
        if (!file.variants().contains(variant)) {
            throw new InputException("the job has no variant '" + variant + "'"
                    + Nearest.suggestion(variant, file.variants()) + " (it has: "
                    + String.join(", ", file.variants()) + ")");
        }
        return new Job(file.withVariants(List.of(variant)), text);
    }

    /**
     * The settings in which this job differs from an earlier one so that its results would not go with the earlier one's. The variants
     * may be others, and so may what changes no result.
     *
     * @return {@code training.steps (300 there, 500 here)}, in the order of the keys
     */
    public List<String> differencesTo(Job earlier) {
        Map<String, String> there = values(earlier);
        Map<String, String> here = values(this);
        Set<String> keys = new TreeSet<>(there.keySet());
        keys.addAll(here.keySet());
        return keys.stream()
                .filter(key -> !there.getOrDefault(key, "").equals(here.getOrDefault(key, "")))
                .filter(key -> FREE.stream().noneMatch(key::startsWith))
                .map(key -> key + " (" + there.getOrDefault(key, "not") + " there, " + here.getOrDefault(key, "not")
                        + " here)")
                .toList();
    }

    private static Map<String, String> values(Job job) {
        Map<String, String> values = new TreeMap<>();
        collect(YamlSettings.read(job.text, "job.yaml"), "", values);
        return values;
    }

    private static void collect(Setting setting, String key, Map<String, String> values) {
        if (setting instanceof Setting.Section section) {
            section.entries().forEach((name, value) -> collect(value, key.isEmpty() ? name : key + "." + name, values));
        } else if (setting instanceof Setting.Items list) {
            for (int i = 0; i < list.items().size(); i++) {
                collect(list.items().get(i), key + "[" + i + "]", values);
            }
        } else {
            values.put(
                    key,
                    setting instanceof Setting.Scalar scalar ? scalar.value().toString() : "nothing");
        }
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

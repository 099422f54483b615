package org.sluice.jobs.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.sluice.jobs.settings.Setting;
import org.sluice.jobs.settings.YamlSettings;

/** docs/job-file.md lists every key with its true default, and no other key. */
class JobFileReferenceTest {
    private static final Path REFERENCE = Path.of("..", "docs", "job-file.md");
    private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\| (?:`([^`]+)`|(needed|none)) \\|.*");

    private final Map<String, String> expected = new TreeMap<>();

    @Test
    void listsEveryKeyWithItsDefault() throws IOException {
        keys(JobFile.class, "", Optional.of(YamlSettings.read(Job.defaults(), "defaults.yaml")));
        Map<String, String> documented = new TreeMap<>();
        for (String line : Files.readAllLines(REFERENCE)) {
            Matcher row = ROW.matcher(line.replace("\\|", "\u0001"));
            if (row.matches()) {
                String value =
                        row.group(2) == null ? row.group(3) : row.group(2).replace('\u0001', '|');
                documented.put(row.group(1), value);
            }
        }
        assertThat(documented).isEqualTo(expected);
    }

    private void keys(Class<?> type, String path, Optional<Setting> defaults) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = path + component.getName();
            Optional<Setting> value = defaults.flatMap(section ->
                    Optional.ofNullable(((Setting.Section) section).entries().get(component.getName())));
            if (component.getType().isRecord()) {
                keys(component.getType(), key + ".", value);
                continue;
            }
            boolean optional = component.getType() == Optional.class;
            expected.put(key, value.map(JobFileReferenceTest::text).orElse(optional ? "none" : "needed"));
            if (component.getGenericType() instanceof ParameterizedType generic) {
                Type argument = generic.getActualTypeArguments()[0];
                if (argument instanceof Class<?> item && item.isRecord()) {
                    keys(item, key + (optional ? "." : "[]."), Optional.empty());
                }
            }
        }
    }

    private static String text(Setting setting) {
        if (setting instanceof Setting.Items list) {
            return list.items().stream()
                    .map(JobFileReferenceTest::text)
                    .toList()
                    .toString();
        }
        Object value = ((Setting.Scalar) setting).value();
        return value instanceof Double number && number < 0.001
                ? number.toString().replace(".0E", "e").replace("E", "e")
                : value.toString();
    }
}

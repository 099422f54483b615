package org.sluice.jobs.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.jobs.InputException;

class SettingsTest {
    record Schedule(int steps, double rate) {
        Schedule {
            if (steps < 1) {
                throw new IllegalArgumentException("schedule: steps is " + steps + "; it must be at least 1");
            }
        }
    }

    record Job(
            String name,
            boolean fast,
            long seed,
            Optional<String> comment,
            List<String> variants,
            Map<String, Integer> sizes,
            Schedule schedule) {}

    private static final String GOOD = """
            name: first
            fast: true
            seed: 8589934592
            variants: [a, 'true']
            sizes: {x: 1}
            schedule:
              steps: 10
              rate: 3e-4
            """;

    @Test
    void bindsEveryKindOfComponent() {
        assertThat(bind(GOOD))
                .isEqualTo(new Job(
                        "first",
                        true,
                        8589934592L,
                        Optional.empty(),
                        List.of("a", "true"),
                        Map.of("x", 1),
                        new Schedule(10, 3e-4)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    rate: 3e-4    | stepz: 3          | job.yaml:8: schedule.stepz: unknown key; did you mean 'steps'? (keys here: steps, rate)
                    name: first   | name: 12          | job.yaml:1: name: expected a text, found the whole number 12; put it into quotes if it is one
                    fast: true    | fast: yes         | job.yaml:2: fast: expected true or false, found the text 'yes'
                    steps: 10     | steps: 1.5        | job.yaml:7: schedule.steps: expected a whole number, found the number 1.5
                    steps: 10     | steps: 0          | job.yaml:7: schedule.steps: steps is 0; it must be at least 1
                    steps: 10     | steps: 3000000000 | job.yaml:7: schedule.steps: expected a whole number from -2147483648 to 2147483647, found 3000000000
                    steps: 10     | steps:            | job.yaml:7: schedule.steps: expected a whole number, found nothing
                    sizes: {x: 1} | sizes: [1]        | job.yaml:5: sizes: expected a section with keys, found a list
                    sizes: {x: 1} | sizes: {x: y}     | job.yaml:5: sizes.x: expected a whole number, found the text 'y'
                    [a, 'true']   | [a, 2]            | job.yaml:4: variants[1]: expected a text, found the whole number 2; put it into quotes if it is one
                    rate: 3e-4    | steps: 3          | job.yaml:8: the key 'steps' is there twice
                    """)
    void namesFileLineKeyAndWhatIsExpected(String good, String bad, String message) {
        assertThatThrownBy(() -> bind(GOOD.replace(good, bad)))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
    }

    @Test
    void aMissingKeyIsNamed() {
        assertThatThrownBy(() -> bind(GOOD.replace("  rate: 3e-4\n", "")))
                .hasMessage("job.yaml:7: schedule.rate: this key is missing");
    }

    @Test
    void optionsAreLaidOverAndNamedInErrors() {
        Setting.Section settings = YamlSettings.read(GOOD, "job.yaml");
        Job job = SettingBinder.bind(
                SettingOptions.overlay(
                        settings, List.of("schedule.steps=99", "variants=[b]", "comment=x=y", "seed=1", "seed=2")),
                Job.class);
        assertThat(job.schedule()).isEqualTo(new Schedule(99, 3e-4));
        assertThat(job.variants()).containsExactly("b");
        assertThat(job.comment()).contains("x=y");
        assertThat(job.seed()).isEqualTo(2);
        assertThatThrownBy(() ->
                        SettingBinder.bind(SettingOptions.overlay(settings, List.of("schedule.steps=many")), Job.class))
                .hasMessage(
                        "--set schedule.steps=many: schedule.steps: expected a whole number, found the text 'many'");
        assertThatThrownBy(() ->
                        SettingBinder.bind(SettingOptions.overlay(settings, List.of("shedule.steps=1")), Job.class))
                .hasMessageStartingWith("--set shedule.steps=1: shedule: unknown key; did you mean 'schedule'?");
        assertThatThrownBy(() -> SettingOptions.overlay(settings, List.of("steps")))
                .hasMessage("--set steps: expected KEY=VALUE with a dotted key, such as training.steps=500");
    }

    @Test
    void whatIsNotYamlIsSaidWithItsLine() {
        assertThatThrownBy(() -> YamlSettings.read("name: x\nlist: [1, 2\n", "job.yaml"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("job.yaml:3: this is not YAML: ");
        assertThatThrownBy(() -> YamlSettings.read("", "job.yaml"))
                .hasMessageStartingWith("job.yaml: the file is empty");
        assertThatThrownBy(() -> YamlSettings.read("- a", "job.yaml"))
                .hasMessageStartingWith("job.yaml:1: the file must be a section of keys");
    }

    @Test
    void whatIsWrittenReadsBack() {
        String yaml = """
                word: plain
                odd: ["3e-4", "true", " x: y # z", "tab\\tquote\\"", "", "null", "ünï", "12"]
                numbers: [1, -2.5, 1e-300, 9007199254740993]
                flags: {yes: true, "no: ": false}
                nested: [[1, [2]], {a: {b: [c, {d: e}]}, f: g}, [], {}]
                nothing:
                """;
        Setting.Section settings = YamlSettings.read(yaml, "a").writtenAt("here");
        String text = YamlText.of(settings);
        assertThat(YamlSettings.read(text, "b").writtenAt("here"))
                .describedAs(text)
                .isEqualTo(settings);
    }

    private static Job bind(String yaml) {
        return SettingBinder.bind(YamlSettings.read(yaml, "job.yaml"), Job.class);
    }
}

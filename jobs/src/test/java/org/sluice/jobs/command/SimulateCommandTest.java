package org.sluice.jobs.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import picocli.CommandLine;

class SimulateCommandTest {

    /** 1,000 steps on 16 workers: 20 rounds of 50 steps. */
    private static JsonNode simulate(String... options) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("--workers", "16", "--tokens", "1e6", "--tokens-per-step", "1000", "--jitter", "0"));
        arguments.addAll(List.of(options));
        return new ObjectMapper().readTree(run(arguments.toArray(String[]::new)));
    }

    private static String run(String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
        SimulateCommand command = new SimulateCommand(new Console(stream, stream, false));
        new CommandLine(command).setOverwrittenOptionsAllowed(true).parseArgs(arguments);
        assertThat(command.call()).isZero();
        return output.toString(StandardCharsets.UTF_8);
    }

    @Test
    void withoutFaultsAllTimeIsUseful() throws IOException {
        JsonNode result = simulate("--hours-between-faults", "0");
        assertThat(result.path("rounds").asInt()).isEqualTo(20);
        assertThat(result.path("usefulShare").asDouble()).isEqualTo(1);
        assertThat(result.path("generations").asInt()).isEqualTo(1);
        assertThat(result.path("exchangeShare").asDouble()).isCloseTo(20 * 10 / (20 * 210 + 120.0), within(1e-9));
        // 20 rounds of 50 steps of 4 s and an exchange of 10 s, 60 s to begin, 60 s for the last checkpoint.
        assertThat(result.path("days").asDouble()).isCloseTo((20 * 210 + 120) / 86_400.0, within(1e-9));
    }

    @Test
    void anExchangeByFragmentsOrWhileWorkersTrainIsWaitedForLess() throws IOException {
        double all = simulate("--hours-between-faults", "0", "--checkpoint-rounds", "20")
                .path("days")
                .asDouble();
        double fragments = simulate("--hours-between-faults", "0", "--checkpoint-rounds", "20", "--fragments", "5")
                .path("days")
                .asDouble();
        double overlapped = simulate("--hours-between-faults", "0", "--checkpoint-rounds", "20", "--overlap")
                .path("days")
                .asDouble();
        // Of 20 exchanges the last one is of all parameters, and waited for.
        assertThat((all - fragments) * 86_400).isCloseTo(19 * 8, within(1e-6));
        assertThat((all - overlapped) * 86_400).isCloseTo(19 * 10, within(1e-6));
    }

    @Test
    void workersThatMayComeAndGoLoseLessThanAFixedCrew() throws IOException {
        JsonNode fixed = simulate("--hours-between-faults", "0.2");
        JsonNode elastic = simulate("--hours-between-faults", "0.2", "--min-workers", "12");
        assertThat(fixed.path("generations").asInt()).isGreaterThan(1);
        assertThat(fixed.path("usefulShare").asDouble())
                .isLessThan(elastic.path("usefulShare").asDouble());
    }

    @ParameterizedTest
    @CsvSource({
        "--workers, 0, --workers is 0; it must be at least 1",
        "--tokens, -1, --tokens is -1.0; it must be above 0",
        "--tokens, NaN, --tokens is NaN; it must be above 0",
        "--step-seconds, 0, --step-seconds is 0.0; it must be above 0",
        "--jitter, -1, --jitter is -1.0; it must be at least 0",
        "--spares, -1, --spares is -1; it must be at least 0",
        "--min-workers, 17, --min-workers is 17; it must be at least 1 and at most --workers (16)",
        "--fragments, 0, --fragments is 0; it must be at least 1",
        "--hours-between-faults, 0.01, the training does not get to its end"
    })
    void whatCannotBeSimulatedIsRefused(String option, String value, String message) {
        assertThatThrownBy(() -> simulate(option, value))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }
}

package org.sluice.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

class OperationTableTest {
    /** One measurement of a millisecond, in this process. */
    private static final String[] QUICK = {"-f", "0", "-wi", "0", "-i", "1", "-r", "1ms", "-p", "cores=1"};

    @Test
    void aTableHasALineForEachBenchmark() throws Exception {
        List<String> lines =
                table("Gates.gate$", "-p", "gate=ELEMENTWISE,HEADWISE").lines().toList();

        String number = " \\d+\\.\\d{3} \\|";
        assertThat(lines).hasSize(6);
        assertThat(lines.get(0))
                .matches(".*, 1 core, products in fp32: \\d+ GFLOP/s of multiply-adds, \\d+\\.\\d GB/s of copying");
        assertThat(lines.get(2)).isEqualTo("| operation | time (ms) | floor (ms) | of the floor |");
        assertThat(lines.get(4)).matches("\\| `Gates\\.gate`, gate ELEMENTWISE \\|" + number + number + " \\d+ % \\|");
        assertThat(lines.get(5)).matches("\\| `Gates\\.gate`, gate HEADWISE \\|" + number + number + " \\d+ % \\|");
    }

    @Test
    void whatJmhDoesNotKnowIsRefused() {
        assertThatThrownBy(() -> table("Telepathy"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no benchmark's name matches one of [Telepathy]; ");
        assertThatThrownBy(() -> table("--speed", "9")).isInstanceOf(CommandLineOptionException.class);
    }

    private static String table(String... arguments) throws Exception {
        String[] all = new String[QUICK.length + arguments.length];
        System.arraycopy(QUICK, 0, all, 0, QUICK.length);
        System.arraycopy(arguments, 0, all, QUICK.length, arguments.length);
        return OperationTable.table(new CommandLineOptions(all));
    }
}

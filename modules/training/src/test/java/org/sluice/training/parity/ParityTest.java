package org.sluice.training.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.DecoderConfigBuilder;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;
import org.sluice.model.MixtureConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.model.RopeConfig;
import org.sluice.model.SwitchHeads;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;

/** Models in the formats of others, read and run in float32, against what PyTorch made of them; {@code docs/parity.md} has the results. */
class ParityTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "parity.md");
    private static final List<ParityCase> PASSES = ParityCase.passes();
    private static final List<ParityCase> PASSES_IN_FLOAT64 = ParityCase.passesInFloat64();
    private static final List<ParityCase> STEPS = ParityCase.steps();
    private static final List<String> NAMES = List.of("cpu", "reference");
    private static final List<Quantity> PASS =
            List.of(Quantity.LOGITS, Quantity.LOSS, Quantity.GRADIENT, Quantity.ROUTER_LOSSES);
    private static final List<Quantity> TRAINING = List.of(
            Quantity.STEP_LOSSES,
            Quantity.GRADIENT_NORMS,
            Quantity.LEARNING_RATES,
            Quantity.PARAMETERS,
            Quantity.CHANGES);
    private static final Map<String, Backend> BACKENDS = new HashMap<>();
    private static final Map<List<String>, List<Difference>> COMPARED = new HashMap<>();

    @BeforeAll
    static void open() {
        NAMES.forEach(name -> BACKENDS.put(name, Backends.open(name, 2)));
    }

    @AfterAll
    static void close() {
        BACKENDS.values().forEach(Backend::close);
    }

    static Stream<Arguments> passes() {
        return onEachBackend(PASSES);
    }

    static Stream<Arguments> steps() {
        return onEachBackend(STEPS);
    }

    private static Stream<Arguments> onEachBackend(List<ParityCase> cases) {
        return NAMES.stream().flatMap(name -> cases.stream().map(parity -> Arguments.of(name, parity)));
    }

    @ParameterizedTest
    @MethodSource("passes")
    void aPassIsThatOfPyTorch(String backend, ParityCase parity) {
        assertThat(comparedPass(backend, parity)).noneMatch(Difference::isTooLarge);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void tenStepsAreThoseOfPyTorch(String backend, ParityCase parity) {
        assertThat(comparedSteps(backend, parity)).noneMatch(Difference::isTooLarge);
    }

    static Stream<ParityCase> passesInFloat64() {
        return PASSES_IN_FLOAT64.stream();
    }

    @ParameterizedTest
    @MethodSource("passesInFloat64")
    void inFloat64NoDifferenceIsLeft(ParityCase parity) {
        assertThat(comparedPassInFloat64(parity)).allMatch(difference -> difference.relative() <= 1e-12);
    }

    private static List<Difference> comparedPassInFloat64(ParityCase parity) {
        return COMPARED.computeIfAbsent(
                List.of("float64", parity.name()),
                key -> PassComparison.of(parity, BACKENDS.get("reference"), DType.FLOAT64));
    }

    private static List<Difference> comparedPass(String backend, ParityCase parity) {
        return COMPARED.computeIfAbsent(
                List.of("pass", backend, parity.name()),
                key -> PassComparison.of(parity, BACKENDS.get(backend), DType.FLOAT32));
    }

    private static List<Difference> comparedSteps(String backend, ParityCase parity) {
        return COMPARED.computeIfAbsent(
                List.of("steps", backend, parity.name()), key -> StepsComparison.of(parity, BACKENDS.get(backend)));
    }

    @Test
    void pyTorchHasTheSameParameters() {
        assertSameParameters(PASSES, "gradient.");
        assertSameParameters(PASSES_IN_FLOAT64, "gradient.");
        assertSameParameters(STEPS, "parameter.");
    }

    private static void assertSameParameters(List<ParityCase> cases, String prefix) {
        for (ParityCase parity : cases) {
            Set<String> names = parity.expected().keySet().stream()
                    .filter(name -> name.startsWith(prefix))
                    .map(name -> name.substring(prefix.length()))
                    .collect(Collectors.toSet());
            assertThat(ParameterLayout.of(parity.model()).parameters().stream().map(Parameter::name))
                    .as(parity.name())
                    .containsExactlyInAnyOrderElementsOf(names);
        }
    }

    /** Models with the same parameters that differ a little. */
    static Stream<Arguments> wrongModels() {
        return Stream.of(
                wrong("qwen3-yarn", model -> model.rope(new RopeConfig(10_000, RopeConfig.Yarn.of(4.01, 2048)))),
                wrong("qwen3-tied", model -> model.rope(RopeConfig.of(10_010))),
                wrong("qwen3-untied-group-of-1", model -> model.normEpsilon(0.0101)),
                wrong("residual-clip", model -> model.residualClip(2.001)),
                wrong("qwen3-moe-normalised", model -> model.mixture(MixtureConfig.of(6, 3))),
                wrong("qwen3-moe-normalised", model -> model.mixture(new MixtureConfig(6, 2, false))),
                wrong("sdpa-elementwise", model -> model.modifiers(List.of(GateConfig.SDPA_ELEMENTWISE.shared()))),
                wrong("sdpa-double-sigmoid", model -> model.modifiers(List.of(GateConfig.SDPA_HEADWISE))),
                wrong(
                        "switch-value-some",
                        model -> model.modifiers(List.of(new SwitchHeads(GatePosition.VALUE, 4, 3)))));
    }

    private static Arguments wrong(String name, UnaryOperator<DecoderConfigBuilder> change) {
        ParityCase parity = named(PASSES, name);
        return Arguments.of(parity, change.apply(parity.model().change()).build());
    }

    private static ParityCase named(List<ParityCase> cases, String name) {
        return cases.stream()
                .filter(parity -> parity.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("wrongModels")
    void aModelThatDiffersALittleIsToldFromPyTorchs(ParityCase parity, DecoderConfig wrong) {
        assertThat(PassComparison.of(parity.with(wrong), BACKENDS.get("cpu"), DType.FLOAT32))
                .anyMatch(Difference::isTooLarge);
    }

    @ParameterizedTest
    @CsvSource({"z_loss, 0.0501", "load_balance, 0.201", "router_z_loss, 0.101"})
    void anotherWeightOfALossIsToldFromPyTorchs(String key, double wrong) {
        ParityCase parity = named(PASSES, "qwen3-moe-all-losses").with(key, wrong);
        assertThat(PassComparison.of(parity, BACKENDS.get("cpu"), DType.FLOAT32))
                .anyMatch(Difference::isTooLarge);
    }

    @ParameterizedTest
    @CsvSource({
        "learning_rate, 0.01001",
        "final_learning_rate, 0.00101",
        "warmup_steps, 2",
        "beta1, 0.901",
        "beta2, 0.998",
        "epsilon, 0.000101",
        "weight_decay, 0.101",
        "clip, 0",
        "router_z_loss, 0.0101"
    })
    void otherTrainingIsToldFromPyTorchs(String key, double wrong) {
        ParityCase parity = named(STEPS, key.equals("router_z_loss") ? "qwen3-moe" : "sluice")
                .with(key, wrong);
        assertThat(StepsComparison.of(parity, BACKENDS.get("cpu"))).anyMatch(Difference::isTooLarge);
    }

    /** With {@code -Dsluice.writeParityTable} the page is written anew. */
    @Test
    void thePageHasTheTables() throws IOException {
        String made = Stream.of(
                        ParityTables.table("float32", PASSES, PASS, sources(ParityTest::comparedPass)),
                        ParityTables.table("float32", STEPS, TRAINING, sources(ParityTest::comparedSteps)),
                        ParityTables.table(
                                "float64",
                                PASSES_IN_FLOAT64,
                                PASS,
                                List.of(new ParityTables.Source(
                                        "Sluice, `reference`", ParityTest::comparedPassInFloat64))))
                .collect(Collectors.joining("\n", "\n", "\n"));
        String page = Files.readString(PAGE);
        if (Boolean.getBoolean("sluice.writeParityTable")) {
            Files.writeString(PAGE, ParityTables.replaced(page, made));
        } else {
            assertThat(ParityTables.structure(ParityTables.in(page)))
                    .as("docs/parity.md says how to make its tables anew")
                    .isEqualTo(ParityTables.structure(made));
        }
    }

    private static List<ParityTables.Source> sources(BiFunction<String, ParityCase, List<Difference>> compared) {
        return Stream.concat(
                        NAMES.stream()
                                .map(name -> new ParityTables.Source(
                                        "Sluice, `" + name + "`", parity -> compared.apply(name, parity))),
                        Stream.of(ParityTables.rounding()))
                .toList();
    }
}

package org.sluice.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.ObjectInputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Imports between modules run one way, and nothing imports a backend. The modules dl4j and benchmarks, on which none of these depends and which
 * are not on this class path, have tests of their own arrows.
 */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.sluice");

    /** What each module may import, beside itself and what is not Sluice's. */
    private static final Map<String, List<String>> ARROWS = arrows();

    private static Map<String, List<String>> arrows() {
        Map<String, List<String>> arrows = new LinkedHashMap<>();
        arrows.put("tensor", List.of());
        arrows.put("backend", List.of("tensor"));
        arrows.put("model", List.of("tensor"));
        arrows.put("training", List.of("model", "tensor"));
        arrows.put("data", List.of());
        arrows.put("cluster", List.of("training", "data", "model", "tensor"));
        arrows.put("evaluation", List.of("model", "data", "tensor"));
        arrows.put("experiments", List.of("evaluation", "cluster", "training", "data", "model", "tensor"));
        arrows.put("jobs", List.of("experiments", "evaluation", "cluster", "training", "data", "model", "tensor"));
        return arrows;
    }

    @TestFactory
    Stream<DynamicTest> everyModuleImportsOnlyWhatItsArrowsAllow() {
        return ARROWS.entrySet().stream()
                .map(module -> DynamicTest.dynamicTest(module.getKey(), () -> {
                    String[] allowed = Stream.concat(Stream.of(module.getKey()), module.getValue().stream())
                            .map(name -> "org.sluice." + name + "..")
                            .toArray(String[]::new);
                    String[] forbidden = ARROWS.keySet().stream()
                            .map(name -> "org.sluice." + name + "..")
                            .filter(name -> !Arrays.asList(allowed).contains(name))
                            .toArray(String[]::new);
                    noClasses()
                            .that()
                            .resideInAPackage("org.sluice." + module.getKey() + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(forbidden)
                            .check(CLASSES);
                }));
    }

    @Test
    void everyClassIsInOneOfTheModules() {
        assertThat(CLASSES.stream()
                        .map(type -> type.getPackageName().replaceFirst("^org\\.sluice\\.([a-z]+).*", "$1"))
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(ARROWS.keySet());
    }

    @Test
    void onlyTheClusterAndWhatIsAboveItKnowSpark() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.sluice.tensor..", "org.sluice.backend..", "org.sluice.model..", "org.sluice.training..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.spark..")
                .check(CLASSES);
    }

    /** What arrives by network or lies in a file is read field by field; from objects of any class, code of any class would run. */
    @Test
    void nothingMakesJavaObjectsOutOfBytes() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ObjectInputStream.class)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.beans.XMLDecoder")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.apache.commons.lang3.SerializationUtils")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("org\\.apache\\.spark\\.serializer\\.(Java|Kryo)Serializer.*")
                .orShould()
                .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.nameMatching(
                        "activateDefaultTyping|enableDefaultTyping|activateDefaultTypingAsProperty")))
                .check(CLASSES);
    }
}

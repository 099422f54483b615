package org.sluice.dl4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows of this module, which no other module of Sluice depends on: from {@code dl4j} to {@code model} and {@code tensor}. */
class ArchitectureTest {
    @Test
    void ofSluiceOnlyModelAndTensorAreImported() {
        classes()
                .should()
                .onlyDependOnClassesThat(JavaClass.Predicates.resideOutsideOfPackage("org.sluice..")
                        .or(JavaClass.Predicates.resideInAnyPackage(
                                "org.sluice.dl4j..", "org.sluice.model..", "org.sluice.tensor..")))
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("org.sluice.dl4j"));
    }
}

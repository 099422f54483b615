package org.sluice.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrow of this module, which no other module of Sluice depends on: from {@code benchmarks} to {@code tensor}, and to no backend. */
class ArchitectureTest {
    @Test
    void ofSluiceOnlyTensorIsImported() {
        classes()
                .should()
                .onlyDependOnClassesThat(JavaClass.Predicates.resideOutsideOfPackage("org.sluice..")
                        .or(JavaClass.Predicates.resideInAnyPackage("org.sluice.benchmarks..", "org.sluice.tensor..")))
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("org.sluice.benchmarks"));
    }
}

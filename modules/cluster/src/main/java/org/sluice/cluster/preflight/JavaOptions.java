package org.sluice.cluster.preflight;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.apache.spark.launcher.JavaModuleOptions;

/** The options about modules that Spark itself names for every JVM, and which of them a JVM was started without. */
final class JavaOptions {
    private static final String ADD_OPENS = "--add-opens=";
    private static final String ADD_MODULES = "--add-modules=";
    private static final String ALL = "=ALL-UNNAMED";

    private JavaOptions() {}

    /** Those that this process lacks. */
    static List<String> missingHere() {
        return missing(
                Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()),
                name -> ModuleLayer.boot().findModule(name).isPresent(),
                JavaOptions::isOpen);
    }

    /**
     * Those of some options that a JVM lacks.
     *
     * @param hasModule whether it has a module of that name
     * @param isOpen whether it has opened what an option names, {@code java.base/java.nio}, to all
     */
    static List<String> missing(List<String> options, Predicate<String> hasModule, Predicate<String> isOpen) {
        return options.stream()
                .filter(option -> isLacking(option, hasModule, isOpen))
                .toList();
    }

    private static boolean isLacking(String option, Predicate<String> hasModule, Predicate<String> isOpen) {
        if (option.startsWith(ADD_OPENS) && option.endsWith(ALL)) {
            return !isOpen.test(option.substring(ADD_OPENS.length(), option.length() - ALL.length()));
        }
        return option.startsWith(ADD_MODULES)
                && !Arrays.stream(option.substring(ADD_MODULES.length()).split(",", -1))
                        .allMatch(hasModule);
    }

    private static boolean isOpen(String of) {
        String module = of.substring(0, of.indexOf('/'));
        String name = of.substring(of.indexOf('/') + 1);
        Module unnamed = JavaOptions.class.getClassLoader().getUnnamedModule();
        return ModuleLayer.boot()
                .findModule(module)
                .map(found -> !found.getPackages().contains(name) || found.isOpen(name, unnamed))
                .orElse(false);
    }
}

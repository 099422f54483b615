package org.sluice.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Finds and opens the backends on the class path. */
public final class Backends {
    /** The name that stands for the most preferred backend that can run here. */
    public static final String AUTOMATIC = "auto";

    private Backends() {}

    /** The providers on the class path, most preferred first. */
    public static List<BackendProvider> providers() {
        List<BackendProvider> providers = new ArrayList<>();
        ServiceLoader.load(BackendProvider.class).forEach(providers::add);
        providers.sort(
                Comparator.comparingInt(BackendProvider::preference).reversed().thenComparing(BackendProvider::name));
        return providers;
    }

    /**
     * Opens a backend by name, in {@link Precision#FP32}; see {@link #open(String, int, Precision)}.
     */
    public static Backend open(String name, int cores) {
        return open(name, cores, Precision.FP32);
    }

    /**
     * Opens a backend by name.
     *
     * @param name a provider's name, or {@link #AUTOMATIC}
     * @param cores the cores to spread operations over, at least 1
     * @param precision what matrix products are computed with
     * @throws IllegalArgumentException if no backend has that name; the message lists those there are
     * @throws IllegalStateException if the backend cannot run on this machine, or not in that precision; the message says why
     */
    public static Backend open(String name, int cores, Precision precision) {
        if (cores < 1) {
            throw new IllegalArgumentException("a backend needs at least 1 core, not " + cores);
        }
        BackendProvider chosen = provider(name);
        if (!chosen.precisions().contains(precision)) {
            throw new IllegalStateException("backend '" + chosen.name() + "' does not compute in " + precision
                    + " on this machine, but in "
                    + chosen.precisions().stream().map(Precision::toString).collect(Collectors.joining(", ")));
        }
        return chosen.open(cores, precision);
    }

    /**
     * The precision that a name stands for.
     *
     * @param backend its name
     * @param name {@code fp32}, {@code bf16}, or {@link #AUTOMATIC} for the fastest that the backend has on this machine
     * @throws IllegalArgumentException if there is no such precision or no such backend
     * @throws IllegalStateException if the fastest is asked for of a backend that cannot run on this machine
     */
    public static Precision precision(String backend, String name) {
        return name.equals(AUTOMATIC)
                ? provider(backend).precisions().get(0)
                : Precision.named(name)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "there is no precision '" + name + "'; there are: auto, fp32, bf16"));
    }

    private static BackendProvider provider(String name) {
        List<BackendProvider> providers = providers();
        if (name.equals(AUTOMATIC)) {
            return providers.stream()
                    .filter(provider -> provider.unavailable().isEmpty())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no backend can run here: " + reasons(providers)));
        }
        BackendProvider chosen = providers.stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no backend '" + name + "'; there are: "
                        + providers.stream().map(BackendProvider::name).collect(Collectors.joining(", ")) + ", "
                        + AUTOMATIC));
        chosen.unavailable().ifPresent(reason -> {
            throw new IllegalStateException("backend '" + name + "' cannot run here: " + reason);
        });
        return chosen;
    }

    private static String reasons(List<BackendProvider> providers) {
        return providers.isEmpty()
                ? "none is on the class path"
                : providers.stream()
                        .map(provider ->
                                provider.name() + ": " + provider.unavailable().orElse("available"))
                        .collect(Collectors.joining("; "));
    }
}

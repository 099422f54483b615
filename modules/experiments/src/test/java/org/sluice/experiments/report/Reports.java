package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sluice.evaluation.DomainLoss;
import org.sluice.evaluation.EvaluationResult;

/** Made-up reports for tests. */
final class Reports {
    static final String HOSTILE = "<script>alert('x')</script>&\"</style>";

    private Reports() {}

    static EvaluationResult evaluation(double loss, boolean gated, String... domains) {
        SortedMap<String, DomainLoss> losses = new TreeMap<>();
        for (String domain : domains) {
            losses.put(domain, new DomainLoss(loss + 0.25, Math.exp(loss + 0.25), 1000));
        }
        return new EvaluationResult(
                loss,
                Math.exp(loss),
                2000,
                4,
                losses,
                0.375,
                20,
                gated ? Double.valueOf(0.5) : null,
                List.of(0.25, 0.5),
                List.of(10.0, 30.0),
                gated ? List.of(0.25, 0.75) : List.of());
    }

    static VariantReport variant(String name, boolean gated, int steps) {
        List<CurvePoint> curve = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            curve.add(new CurvePoint(step, 9 - step * 0.01, 1e-3, 1 + 0.1 * (step % 3)));
        }
        return new VariantReport(
                name,
                gated ? "gated" : "no gate",
                5_638_144,
                4_915_200,
                80,
                61_440,
                evaluation(3, gated, "java", "scala"),
                Optional.of(evaluation(9, gated, "java", "scala")),
                curve);
    }

    static RunReport run(VariantReport... variants) {
        return new RunReport("quickstart", List.of(variants), provenance("name: quickstart\n"));
    }

    static Provenance provenance(String jobFile) {
        return new Provenance(
                jobFile,
                "jobs/sluice run jobs/quickstart.yaml",
                Map.of("training", 42L),
                "1.2.3",
                "4.2.0",
                "1.0.0-M2.1",
                "17",
                "Linux",
                "local[2]",
                List.of("cpu"),
                2,
                "data/quickstart",
                "abc123",
                "2026-01-02T03:04:05Z");
    }
}

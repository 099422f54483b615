package org.sluice.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sluice.evaluation.DomainLoss;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.evaluation.GateFigures;
import org.sluice.model.GateConfig;
import org.sluice.model.GatePosition;
import org.sluice.training.ExpertLoad;

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
                List.of(0.25, 0.5),
                List.of(10.0, 30.0),
                gated ? List.of(SampleGates.gate(GateConfig.SDPA_ELEMENTWISE, 0.25, 0.75)) : List.of());
    }

    static VariantReport variant(String name, boolean gated, int steps) {
        List<CurvePoint> curve = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            curve.add(new CurvePoint(step, 9 - step * 0.01, 1e-3, 1 + 0.1 * (step % 3), Optional.empty()));
        }
        return new VariantReport(
                name,
                gated ? "gated" : "no gate",
                5_638_144,
                5_638_144,
                4_915_200,
                80,
                61_440,
                evaluation(3, gated, "java", "scala"),
                Optional.of(evaluation(9, gated, "java", "scala")),
                curve);
    }

    /** A mixture of experts whose gates stand at two positions of six layers. */
    static VariantReport mixture(String name, int steps, double level) {
        List<CurvePoint> curve = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            double noise = Math.sin(step * 12.9898 + level * 78.233);
            ExpertLoad load = new ExpertLoad(
                    1 + level / 10 + Math.exp(-step / 50.0),
                    5 * Math.exp(-step / 200.0) + level,
                    0.1 + 0.01 * noise,
                    0.02 + 0.002 * noise,
                    0.9 - level / 30);
            double loss = 3 + level / 10 + 6 * Math.exp(-step / 80.0) + 0.1 * noise;
            curve.add(new CurvePoint(step, loss, 1e-3, 1 + 0.3 * Math.abs(noise), Optional.of(load)));
        }
        List<Double> attention = List.of(0.1, 0.2, 0.3 + level / 30, 0.2, 0.15, 0.1);
        List<Double> activation = List.of(2.0, 4.0, 60.0 + level, 100.0, 150.0, 40.0);
        List<GateFigures> gates = List.of(
                SampleGates.gate(GateConfig.SDPA_ELEMENTWISE, 0.01 + level / 20, 0.1, 0.2, 0.15, 0.05, 0.3),
                SampleGates.gate(GateConfig.headwise(GatePosition.VALUE), 0.5, 0.2, 0.4, 0.15, 0.05, 0.3));
        SortedMap<String, DomainLoss> domains = new TreeMap<>();
        List.of("code", "prose", "tables")
                .forEach(domain -> domains.put(domain, new DomainLoss(3 + level / 10, Math.exp(3 + level / 10), 900)));
        EvaluationResult result =
                new EvaluationResult(3, Math.exp(3), 2700, 4, domains, 0.2, 60, attention, activation, gates);
        return new VariantReport(
                name,
                "a mixture",
                15_270_531_072L,
                2_540_531_072L,
                400_000_000_000L,
                9_000,
                44_444,
                result,
                Optional.of(evaluation(9, true, "code")),
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
                "bf16",
                List.of("cpu"),
                2,
                "data/quickstart",
                "abc123",
                "2026-01-02T03:04:05Z");
    }
}

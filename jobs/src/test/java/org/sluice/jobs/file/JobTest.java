package org.sluice.jobs.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.cluster.TrainingPlan;
import org.sluice.experiments.ComparisonPlan;
import org.sluice.experiments.Variant;
import org.sluice.experiments.live.PageAddress;
import org.sluice.jobs.InputException;
import org.sluice.model.DecoderConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.ModelScale;
import org.sluice.model.Presets;
import org.sluice.model.RopeConfig;

class JobTest {
    private static final String JOB = """
            name: tried
            data:
              blockLength: 64
            model:
              preset: tiny
            training:
              steps: 10
              learningRate: 1e-3
            cluster:
              innerState: local
            """;

    private static Job job(String... settings) {
        return Job.read(JOB, "tried.yaml", List.of(settings));
    }

    private static DecoderConfig model(String... settings) {
        return job(settings).file().model().toConfig(300);
    }

    @Test
    void aPresetIsTheModelWithTheTokenizersVocabulary() {
        assertThat(model()).isEqualTo(Presets.TINY.withVocabulary(300));
        assertThat(model("model.preset=moe-15a2b", "model.scale=small"))
                .isEqualTo(Presets.named("moe-15a2b", ModelScale.SMALL).withVocabulary(300));
    }

    @Test
    void everyKeyChangesOneThingOfTheModel() {
        DecoderConfig base = model();
        assertThat(model("model.experts=16", "model.expertsPerToken=4"))
                .isEqualTo(base.change().mixture(MixtureConfig.of(16, 4)).build());
        assertThat(model("model.preset=moe-15a2b", "model.scale=tiny", "model.experts=8")
                        .mixture())
                .isEqualTo(MixtureConfig.of(8, 2));
        assertThat(model("model.preset=moe-15a2b", "model.scale=tiny", "model.experts=0")
                        .mixture())
                .isEqualTo(MixtureConfig.DENSE);
        assertThat(model("model.ropeBase=1e6").rope()).isEqualTo(RopeConfig.of(1e6));
        assertThat(model("model.yarn.factor=4", "model.yarn.originalLength=64").rope())
                .isEqualTo(new RopeConfig(10_000, RopeConfig.Yarn.of(4, 64)));
        assertThat(model("model.sandwichNorm=true"))
                .isEqualTo(base.change().sandwichNorm(true).build());
        assertThat(model("model.residualClip=300"))
                .isEqualTo(base.change().residualClip(300).build());
    }

    @Test
    void theRoutersLossesHaveWeights() {
        assertThat(job().file().training().loadBalanceWeight()).isEqualTo(0.01);
        assertThat(job().file().training().routerZLossWeight()).isEqualTo(0.001);
        assertThat(job("training.loadBalanceWeight=0.5", "training.routerZLossWeight=0")
                        .file()
                        .training())
                .satisfies(training -> {
                    assertThat(training.loadBalanceWeight()).isEqualTo(0.5);
                    assertThat(training.routerZLossWeight()).isZero();
                });
    }

    @Test
    void variantsArePlainNamesAndRowsWhoseLearningRateCounts() {
        ComparisonPlan plan = job(
                        "variants=[baseline, table2-06-baseline-8.0e-3, table5-04-sdpa-elementwise-yarn]",
                        "training.finalLearningRate=1e-4")
                .file()
                .plan("data", 300);
        List<TrainingPlan> trainings =
                plan.variants().stream().map(plan::trainingPlan).toList();

        assertThat(plan.variants().stream().map(Variant::name))
                .containsExactly("baseline", "table2-06-baseline-8.0e-3", "table5-04-sdpa-elementwise-yarn");
        assertThat(trainings.get(0).training().learningRate()).isEqualTo(1e-3);
        assertThat(trainings.get(1).training().learningRate()).isCloseTo(2e-3, within(1e-15));
        assertThat(trainings.get(1).training())
                .isEqualTo(trainings
                        .get(0)
                        .training()
                        .withLearningRate(trainings.get(1).training().learningRate()));
        assertThat(trainings.get(1).model()).isEqualTo(trainings.get(0).model());
        assertThat(trainings.get(2).model().rope()).isEqualTo(new RopeConfig(1e6, RopeConfig.Yarn.of(4, 64)));
    }

    @Test
    void aStartIsLookedUpFromWhereTheCommandIsGivenAndKept() {
        String here = "file:" + Path.of("").toAbsolutePath() + "/runs/before";
        Job job = job("startFrom=runs/before");

        assertThat(job.file().startFrom()).contains(here);
        assertThat(Job.read(job.text(), "/elsewhere/job.yaml", List.of()).file().startFrom())
                .contains(here);
        assertThat(job("startFrom=hdfs://host/runs/x").file().startFrom()).contains("hdfs://host/runs/x");
        assertThat(job().file().startFrom()).isEmpty();
        assertThat(job().differencesTo(job("startFrom=/runs/before")))
                .containsExactly("startFrom (/runs/before there, not here)");
    }

    @Test
    void aRunMayBeWatchedOtherwiseThanBefore() {
        Job watched = job("watching.page=0.0.0.0:4051", "watching.tensorboard=true");

        assertThat(watched.file().watching().pageAddress()).hasValue(new PageAddress("0.0.0.0", 4051, true));
        assertThat(job("watching.page=off").file().watching().pageAddress()).isEmpty();
        assertThat(watched.differencesTo(job())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name=../x                    | name '../x' cannot be a folder",
                "name=/x                      | name '/x' cannot be a folder",
                "name=..                      | name '..' cannot be a folder",
                "variants=[../x]              | variants: there is no variant '../x'",
                "model.preset=moe             | --set model.preset=moe: model.preset: there is no model preset 'moe'",
                "model.preset=moe-15a3b       | did you mean 'moe-15a2b'?",
                "model.scale=smal             | --set model.scale=smal: model.scale: there is no scale 'smal'; did you mean 'small'?",
                "model.scale=small            | model.scale: scale 'small' is not there for the preset 'tiny'",
                "model.experts=8              | model.experts: experts is 8 without expertsPerToken; give that too, from 1 to 8",
                "model.expertsPerToken=2      | a mixture of 0 experts of which 2 are chosen",
                "model.ropeBase=1             | model.ropeBase: ropeBase (1.0) must be a finite number above 1",
                "model.residualClip=-1        | model.residualClip: residualClip (-1.0) must be a finite number above 0",
                "model.yarn.factor=2          | model.yarn.originalLength: this key is missing",
                "cluster.innerState=none      | cluster.innerState: innerState 'none' is not known; there are: local, averaged, reset",
                "cluster.minWorkers=2         | minWorkers (2) is more than workers (1)",
                "cluster.streaming.fragments=0 | streaming.fragments is 0; it must be at least 1",
                "cluster.streaming.overlap=perhaps | cluster.streaming.overlap",
                "cluster.rounds.quorum=2      | rounds.quorum is 2.0; it must be above 0 and at most 1",
                "watching.page=localhost      | watching.page: page 'localhost' is no place for the live page: it takes auto, off, or HOST:PORT",
                "watching.tensorboard=yes     | watching.tensorboard: expected true or false",
                "model.heads=3                | model.heads: heads (3) must be divisible by kvHeads (2)",
                "training.loadBalanceWeight=-1 | training.loadBalanceWeight: loadBalanceWeight is -1.0",
                "variants=[sdpa-elementwis]   | variants: there is no variant 'sdpa-elementwis'; did you mean 'sdpa-elementwise' or",
                "variants=[table1-5-sdpa-elementwise] | did you mean 'table1-05-sdpa-elementwise' or",
                "variants=[more-experts]      | variants: 'more-experts' of this model: the variant 'more-experts' needs a model with experts"
            })
    void whatIsNotPossibleIsSaidWithItsKey(String setting, String message) {
        assertThatThrownBy(() -> job(setting))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"quickstart.yaml", "gates-small.yaml", "moe-small.yaml"})
    void theJobsThatComeAlongCanBeRead(String name) throws Exception {
        JobFile file =
                Job.read(Files.readString(Path.of(name)), name, List.of()).file();

        assertThat(name).isEqualTo(file.name() + ".yaml");
        assertThat(file.plan("data", 8192).variants()).hasSizeGreaterThan(1);
    }
}

package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run on HDFS with three data nodes, each block on two of them. */
@Tag("slow")
@Timeout(180)
class HdfsTrainingTest {
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(37);

    @TempDir
    static Path shared;

    private static MiniDFSCluster hdfs;

    @BeforeAll
    static void start() throws IOException {
        Configuration hadoop = new Configuration();
        hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, shared.resolve("hdfs").toString());
        hadoop.setInt("dfs.replication", 2);
        hdfs = new MiniDFSCluster.Builder(hadoop).numDataNodes(3).build();
        hdfs.waitActive();
    }

    @AfterAll
    static void stop() {
        hdfs.shutdown(true);
    }

    private static RunFolder run(String name) throws IOException {
        return new RunFolder(hdfs.getConfiguration(0), hdfs.getURI() + "/runs/" + name);
    }

    @Test
    void trainingOutlivesADataNodeAndGoesOnFromItsCheckpoints() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(10), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 1));
        RunFolder local = TrainingFixture.folder(shared.resolve("local"));
        RunFolder folder = run("one");
        List<String> lost = new ArrayList<>();
        Trainer[] trainer = new Trainer[1];
        CheckpointWatcher watcher = new CheckpointWatcher(folder) {
            @Override
            public void round(Round round) {
                super.round(round);
                if (round.round() == 2) {
                    lost.add(hdfs.stopDataNode(0).getDatanode().getDisplayName());
                }
                if (round.round() == 3) {
                    trainer[0].requestStop();
                }
            }
        };
        try (JavaSparkContext context = SparkSessions.local(2)) {
            TrainingFixture.train(context, local, plan, BLOCKS);
            try (RunLease lease = folder.take(waiting -> {})) {
                trainer[0] = new Trainer(context, folder, plan, BLOCKS, watcher);
                assertThat(trainer[0].train(false).status()).isEqualTo(TrainingOutcome.Status.STOPPED);
                lease.requireHeld();
                CheckpointWatcher resumed = new CheckpointWatcher(folder);
                new Trainer(context, folder, plan, BLOCKS, resumed).train(true);
                assertThat(resumed.startedFrom).containsExactly(3L);
                assertThat(resumed.refused).isEmpty();
            }
        }
        assertThat(lost).hasSize(1);
        assertThat(TrainingFixture.hashes(folder)).isEqualTo(TrainingFixture.hashes(local));
        assertThat(TrainingFixture.events(folder)).isEqualTo(TrainingFixture.events(local));
        assertThat(folder.fileSystem().listStatus(folder.root()))
                .extracting(FileStatus::getPath)
                .extracting(org.apache.hadoop.fs.Path::getName)
                .containsExactly("baseline", "metrics.jsonl");
    }

    @Test
    void aRunIsHeldByOneWhoseLeaseIsRenewed() throws IOException {
        RunFolder folder = run("held");
        RunLease.Timing quick = new RunLease.Timing(Duration.ofMillis(50), Duration.ofSeconds(60));
        LeaseHolder here = LeaseHolder.thisProcess();
        LeaseHolder elsewhere = new LeaseHolder(here.token(), "elsewhere", "another machine", 17, "", here.since(), 0);
        List<String> waiting = new ArrayList<>();
        try (RunLease held = RunLease.take(folder, waiting::add, quick, elsewhere)) {
            assertThatThrownBy(() -> RunLease.take(folder, waiting::add, quick, LeaseHolder.thisProcess()))
                    .as("its renewals, each a rename over the file, are seen from elsewhere")
                    .isInstanceOf(RunInUseException.class)
                    .hasMessageContaining("process 17 on elsewhere");
            held.requireHeld();
        }
        assertThat(waiting).hasSize(1);
        RunLease.take(folder, waiting::add, quick, LeaseHolder.thisProcess()).close();
        assertThat(waiting).hasSize(1);
    }
}

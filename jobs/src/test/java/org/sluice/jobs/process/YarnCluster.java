package org.sluice.jobs.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.fifo.FifoScheduler;

/** Hadoop's own small YARN cluster in a process of its own: a resource manager and two nodes, which start their containers as real processes. */
final class YarnCluster {
    static final String READY = "the cluster is ready";

    private static final int NODES = 2;
    private static final int NODE_MEBIBYTES = 8192;
    private static final int CONNECT_MILLISECONDS = 60_000;

    private YarnCluster() {}

    /** Runs until its standard input ends; the argument is the file for the settings of clients. */
    public static void main(String[] arguments) {
        try {
            run(Path.of(arguments[0]));
        } catch (Exception | LinkageError failure) {
            failure.printStackTrace();
            // Threads of a cluster that came up in part would go on.
            System.exit(1);
        }
    }

    private static void run(Path clients) throws IOException, InterruptedException, YarnException {
        YarnConfiguration configuration = new YarnConfiguration();
        configuration.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, NODE_MEBIBYTES);
        configuration.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 256);
        // Needs no file of queues, as the usual one does.
        configuration.set(YarnConfiguration.RM_SCHEDULER, FifoScheduler.class.getName());
        configuration.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
        // The disk of a test machine may be nearly full.
        configuration.set(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, "99.9");
        try (MiniYARNCluster cluster = new MiniYARNCluster("quickstart", NODES, 1, 1)) {
            cluster.init(configuration);
            cluster.start();
            if (!cluster.waitForNodeManagersToConnect(CONNECT_MILLISECONDS)) {
                throw new IllegalStateException("the nodes do not connect to the resource manager");
            }
            try (OutputStream file = Files.newOutputStream(clients)) {
                cluster.getConfig().writeXml(file);
            }
            System.out.println(READY);
            while (System.in.read() >= 0) {
                // Whoever started it ends it.
            }
        }
    }
}

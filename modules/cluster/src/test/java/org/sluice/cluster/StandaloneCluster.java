package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Spark standalone cluster on loopback: a master and workers, each a process of its own; one core and one executor a worker. */
final class StandaloneCluster implements AutoCloseable {
    private final Path folder;
    private final String master;
    private final List<Process> daemons = new ArrayList<>();
    private final List<Process> workers = new ArrayList<>();

    /** @param folder for logs and the workers' files */
    StandaloneCluster(Path folder, int workers) throws IOException {
        this.folder = Files.createDirectories(folder);
        SparkSessions.linkJars();
        int port = freePort();
        this.master = "spark://localhost:" + port;
        daemons.add(TestProcess.start(
                folder.resolve("master.log"),
                "org.apache.spark.deploy.master.Master",
                "--host",
                "localhost",
                "--port",
                "" + port,
                "--webui-port",
                "" + freePort()));
        for (int worker = 0; worker < workers; worker++) {
            addWorker();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    String master() {
        return master;
    }

    /** Starts one more. */
    void addWorker() throws IOException {
        Path own = Files.createDirectories(folder.resolve("worker-" + workers.size()));
        Process worker = TestProcess.start(
                folder.resolve("worker-" + workers.size() + ".log"),
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                "localhost",
                "--cores",
                "1",
                "--memory",
                "600m",
                "--webui-port",
                "" + freePort(),
                "--work-dir",
                own.toString(),
                master);
        workers.add(worker);
        daemons.add(worker);
    }

    /** Kills a worker and its executor, as if its host had lost power. */
    void killWorker(int worker) throws InterruptedException {
        Process daemon = workers.get(worker);
        List<ProcessHandle> executors = daemon.descendants().toList();
        daemon.destroyForcibly();
        executors.forEach(ProcessHandle::destroyForcibly);
        assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).isTrue();
        executors.forEach(executor -> executor.onExit().join());
    }

    @Override
    public void close() {
        for (Process daemon : daemons) {
            daemon.descendants().forEach(ProcessHandle::destroyForcibly);
            daemon.destroyForcibly();
        }
    }
}

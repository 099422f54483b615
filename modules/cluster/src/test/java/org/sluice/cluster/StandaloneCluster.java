package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** A Spark standalone cluster: a master and workers, each a process of its own; one core and one executor a worker. */
final class StandaloneCluster implements AutoCloseable {
    private final Path folder;
    private final String master;
    private final List<Process> daemons = new ArrayList<>();
    private final List<Process> workers = new ArrayList<>();

    /**
     * On loopback.
     *
     * @param folder for logs and the workers' files
     */
    StandaloneCluster(Path folder, int workers) throws IOException {
        this(folder, Host.LOCAL);
        for (int worker = 0; worker < workers; worker++) {
            addWorker();
        }
    }

    /**
     * A master without any workers.
     *
     * @param folder for logs and the workers' files
     */
    StandaloneCluster(Path folder, Host host) throws IOException {
        this.folder = Files.createDirectories(folder);
        SparkSessions.linkJars();
        int port = freePort();
        this.master = "spark://" + host.address() + ":" + port;
        daemons.add(start(
                "master",
                host,
                Map.of(),
                "org.apache.spark.deploy.master.Master",
                "--host",
                host.address(),
                "--port",
                "" + port,
                "--webui-port",
                "" + freePort()));
        awaitMaster(folder.resolve("master.log"));
    }

    /** Whoever asks a master that does not listen yet asks again many seconds later. */
    private void awaitMaster(Path log) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.readString(log).contains("I have been elected leader")) {
            if (System.nanoTime() > end || !daemons.get(0).isAlive()) {
                close();
                throw new AssertionError("the master does not come up: " + Files.readString(log));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private Process start(String name, Host host, Map<String, String> environment, String main, String... arguments)
            throws IOException {
        Path log = folder.resolve(name + ".log");
        ProcessBuilder builder = TestProcess.builder(log, main, arguments).redirectOutput(log.toFile());
        builder.command().addAll(0, host.command());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    String master() {
        return master;
    }

    /** Starts one more on loopback. */
    void addWorker() throws IOException {
        addWorker(Map.of());
    }

    /** Starts one more on loopback, with more environment variables. */
    void addWorker(Map<String, String> environment) throws IOException {
        addWorker(Host.LOCAL, environment);
    }

    /** Starts one more, with more environment variables. */
    void addWorker(Host host, Map<String, String> environment) throws IOException {
        String name = "worker-" + workers.size();
        Process worker = start(
                name,
                host,
                environment,
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                host.address(),
                "--cores",
                "1",
                "--memory",
                "600m",
                "--webui-port",
                "" + freePort(),
                "--work-dir",
                Files.createDirectories(folder.resolve(name)).toString(),
                master);
        workers.add(worker);
        daemons.add(worker);
    }

    /** The workers that are not killed. */
    List<Integer> living() {
        return IntStream.range(0, workers.size())
                .filter(worker -> workers.get(worker).isAlive())
                .boxed()
                .toList();
    }

    /** The executors of a worker; none while they are being started. */
    List<ProcessHandle> executors(int worker) {
        return workers.get(worker).descendants().toList();
    }

    /** Kills a worker and its executor, as if its host had lost power. */
    void killWorker(int worker) throws InterruptedException {
        Process daemon = workers.get(worker);
        List<ProcessHandle> executors = executors(worker);
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

package org.sluice.jobs.process;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.sluice.cluster.Host;

/** HDFS and YARN from the class path of the tests: daemons in processes of their own, on the hosts that they are given. */
final class HadoopDaemons implements AutoCloseable {
    private static final String HDFS = "org.apache.hadoop.hdfs.server.";

    private final Path folder;
    private final Host host;
    private final int port;
    private final List<WatchedProcess> processes = new ArrayList<>();

    /**
     * @param folder for settings and what the daemons keep
     * @param host the first, with the name node
     */
    HadoopDaemons(Path folder, Host host) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.host = host;
        try (ServerSocket socket = new ServerSocket(0)) {
            this.port = socket.getLocalPort();
        }
    }

    /** What paths on its HDFS begin with. */
    String uri() {
        return "hdfs://" + host.address() + ":" + port;
    }

    /** The folder of the settings that clients need. */
    Path clients() {
        return folder.resolve("clients");
    }

    /** Starts HDFS with a data node on each of some hosts; every block is on all of them. */
    void startHdfs(List<Host> dataNodes) throws IOException, InterruptedException {
        String replication = String.valueOf(dataNodes.size());
        // With more copies than nodes nothing could be appended to a file.
        settings(clients(), Map.of("dfs.replication", replication));
        Path names = settings(
                folder.resolve("name-node"),
                Map.of(
                        "dfs.namenode.name.dir",
                        folder.resolve("names").toUri().toString(),
                        "dfs.namenode.http-address",
                        host.address() + ":0",
                        "dfs.namenode.datanode.registration.ip-hostname-check",
                        "false",
                        "dfs.replication",
                        replication));
        try (WatchedProcess format = start(host, names, HDFS + "namenode.NameNode", "-format", "-nonInteractive")) {
            format.exit(0);
        }
        start(host, names, HDFS + "namenode.NameNode").await("Starting services required for active state");
        for (Host node : dataNodes) {
            Path data = folder.resolve("data-node-" + node.address());
            String anyPort = node.address() + ":0";
            Map<String, String> values = Map.of(
                    "dfs.datanode.data.dir", data.resolve("blocks").toUri().toString(),
                    "dfs.datanode.address", anyPort,
                    "dfs.datanode.ipc.address", anyPort,
                    "dfs.datanode.http.address", anyPort,
                    "dfs.datanode.hostname", node.address());
            start(node, settings(data, values), HDFS + "datanode.DataNode").await("successfully registered with NN");
        }
    }

    /** Starts YARN on this machine, over that HDFS. */
    void startYarn() throws IOException, InterruptedException {
        Path yarn = folder.resolve("yarn");
        settings(yarn, Map.of());
        // The daemons' pages, which the jar of the daemons lacks, and without whose folders they do not start.
        for (String page : List.of("cluster", "node")) {
            Files.createDirectories(yarn.resolve("webapps").resolve(page));
        }
        start(
                        host,
                        yarn,
                        YarnCluster.class.getName(),
                        clients().resolve("yarn-site.xml").toString())
                .await(YarnCluster.READY);
    }

    /** Runs a command of {@code hdfs dfs}; what it printed. */
    String dfs(String... arguments) throws IOException, InterruptedException {
        try (WatchedProcess shell = start(host, clients(), "org.apache.hadoop.fs.FsShell", arguments)) {
            return shell.exit(0);
        }
    }

    /** Copies files into a new folder of HDFS. */
    void put(List<Path> files, String target) throws IOException, InterruptedException {
        dfs("-mkdir", target);
        List<String> arguments = new ArrayList<>(List.of("-put"));
        files.forEach(file -> arguments.add(file.toString()));
        arguments.add(target);
        dfs(arguments.toArray(String[]::new));
    }

    /** Starts a class with a main method, a folder of settings first on its class path. */
    private WatchedProcess start(Host where, Path settings, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(where.command());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx400m",
                "-cp",
                settings + File.pathSeparator + System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        // What YARN's containers start their Java by.
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        WatchedProcess process =
                new WatchedProcess(builder.redirectErrorStream(true).start());
        processes.add(process);
        return process;
    }

    /** Writes settings into the files in which they count: each is laid over the defaults of its own part only. */
    private Path settings(Path target, Map<String, String> values) throws IOException {
        Map<String, String> all = new HashMap<>(values);
        all.put("fs.defaultFS", uri());
        all.put("dfs.permissions.enabled", "false");
        Configuration configuration = new Configuration(false);
        all.forEach(configuration::set);
        Files.createDirectories(target);
        for (String part : List.of("core-site.xml", "hdfs-site.xml")) {
            try (OutputStream file = Files.newOutputStream(target.resolve(part))) {
                configuration.writeXml(file);
            }
        }
        Files.writeString(target.resolve("log4j2.properties"), """
                rootLogger.level = info
                rootLogger.appenderRef.output.ref = output
                appender.output.type = Console
                appender.output.name = output
                appender.output.layout.type = PatternLayout
                appender.output.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1}: %m%n%ex
                """);
        return target;
    }

    @Override
    public void close() {
        processes.forEach(WatchedProcess::close);
    }
}

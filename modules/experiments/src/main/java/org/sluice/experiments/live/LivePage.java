package org.sluice.experiments.live;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves the live page of a run until it is closed. It can only be read. */
public final class LivePage implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int WAITING_CONNECTIONS = 50;

    private final HttpServer server;
    private final ExecutorService threads;
    private final String url;

    private LivePage(HttpServer server, ExecutorService threads, String url) {
        this.server = server;
        this.threads = threads;
        this.url = url;
    }

    /**
     * Begins to serve the page.
     *
     * @throws IOException if the address is none of this machine, or in use; the message has it
     */
    public static LivePage open(PageAddress address, LiveRun run) throws IOException {
        limitSlowVisitors();
        HttpServer server = bind(address);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "live-page");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", new PageRequests(run, names(address, server)));
        server.start();
        return new LivePage(server, threads, url(address, server));
    }

    /** Where a browser finds the page. */
    public String url() {
        return url;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static HttpServer bind(PageAddress address) throws IOException {
        InetSocketAddress place = new InetSocketAddress(address.host(), address.port());
        if (place.isUnresolved()) {
            throw new IOException("this machine knows no address of '" + address.host() + "'");
        }
        try {
            return HttpServer.create(place, WAITING_CONNECTIONS);
        } catch (BindException e) {
            if (!address.fixed() && address.port() != 0) {
                return bind(address.anyPort());
            }
            throw new IOException(address + " cannot be had: " + e.getMessage(), e);
        }
    }

    /** Who begins a request and does not end it must not keep others from the page. The server has these limits as settings of the process only. */
    private static void limitSlowVisitors() {
        for (String limit : new String[] {"sun.net.httpserver.maxReqTime", "sun.net.httpserver.maxRspTime"}) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, "20");
            }
        }
    }

    /** The names by which a browser may ask for the page, besides addresses. */
    private static Set<String> names(PageAddress address, HttpServer server) throws IOException {
        Set<String> names = new HashSet<>(Set.of("localhost", address.host().toLowerCase(Locale.ROOT)));
        if (!server.getAddress().getAddress().isLoopbackAddress()) {
            InetAddress here = InetAddress.getLocalHost();
            names.add(here.getHostName().toLowerCase(Locale.ROOT));
            names.add(here.getCanonicalHostName().toLowerCase(Locale.ROOT));
        }
        return names;
    }

    private static String url(PageAddress address, HttpServer server) throws IOException {
        String host = server.getAddress().getAddress().isAnyLocalAddress()
                ? InetAddress.getLocalHost().getHostName()
                : address.host();
        return "http://" + host + ":" + server.getAddress().getPort() + "/";
    }
}

package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Two hosts with a router between them, each a network namespace of this machine. When the network is cut the router drops what they send each other, and
 * tells nobody, as a switch that has failed does.
 */
public final class TwoHosts implements AutoCloseable {
    private static final String PREFIX = "10.77.";

    private final String name = "sluice-" + ProcessHandle.current().pid() + "-";

    /** Skips the test where no network namespaces can be made. */
    public TwoHosts() throws InterruptedException {
        boolean made = false;
        try {
            made = ip("netns", "add", router()) && setForwarding(1) && addHost(1) && addHost(2);
        } finally {
            if (!made) {
                close();
            }
        }
        assumeTrue(
                made,
                "what needs two hosts is tried only where this process may make network namespaces (ip netns add, of iproute2), as"
                        + " root may outside most containers");
    }

    private boolean addHost(int number) throws InterruptedException {
        String host = namespace(number);
        String gateway = PREFIX + number + ".254";
        return ip("netns", "add", host)
                && ip("link", "add", "eth0", "netns", host, "type", "veth", "peer", "eth" + number, "netns", router())
                && ip("-n", host, "address", "add", address(number) + "/24", "dev", "eth0")
                && ip("-n", router(), "address", "add", gateway + "/24", "dev", "eth" + number)
                && ip("-n", host, "link", "set", "lo", "up")
                && ip("-n", host, "link", "set", "eth0", "up")
                && ip("-n", router(), "link", "set", "eth" + number, "up")
                // No other network: a name server there is unreachable at once, instead of after seconds for each name.
                && ip("-n", host, "route", "add", PREFIX + "0.0/16", "via", gateway);
    }

    private String namespace(int number) {
        return name + number;
    }

    private String router() {
        return name + "router";
    }

    private static String address(int number) {
        return PREFIX + number + ".1";
    }

    public Host first() {
        return host(1);
    }

    public Host second() {
        return host(2);
    }

    private Host host(int number) {
        return new Host(address(number), List.of("ip", "netns", "exec", namespace(number)));
    }

    void cut() throws InterruptedException {
        assertThat(setForwarding(0)).as("the network is cut").isTrue();
    }

    void restore() throws InterruptedException {
        assertThat(setForwarding(1)).as("the network is restored").isTrue();
    }

    private boolean setForwarding(int on) throws InterruptedException {
        return ip("netns", "exec", router(), "sh", "-c", "echo " + on + " > /proc/sys/net/ipv4/ip_forward");
    }

    private static boolean ip(String... arguments) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException missing) {
            return false;
        }
    }

    /** The links go with the namespaces that they are in. All are deleted, also when the test is interrupted as it takes too long. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        for (String namespace : List.of(namespace(1), namespace(2), router())) {
            try {
                ip("netns", "delete", namespace);
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

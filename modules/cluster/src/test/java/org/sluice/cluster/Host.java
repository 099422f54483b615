package org.sluice.cluster;

import java.util.List;

/**
 * Where a process of a test runs.
 *
 * @param address by which others reach it
 * @param command that its own command is put behind
 */
public record Host(String address, List<String> command) {
    /** This machine, on loopback. */
    public static final Host LOCAL = new Host("localhost", List.of());
}

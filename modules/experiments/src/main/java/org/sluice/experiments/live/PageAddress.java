package org.sluice.experiments.live;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the live page is served.
 *
 * @param host a name or address of this machine
 * @param port 0 for any that is free
 * @param fixed whether it must be that port; otherwise another is taken where that one is in use
 */
public record PageAddress(String host, int port, boolean fixed) {
    /** The value that leaves the place to Sluice: this machine only. */
    public static final String AUTOMATIC = "auto";

    /** The value for no page. */
    public static final String OFF = "off";

    private static final int USUAL_PORT = 4050;
    private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+):([0-9]{1,5})");

    /**
     * Reads {@code auto}, {@code off} or {@code HOST:PORT}.
     *
     * @return empty for {@code off}
     * @throws IllegalArgumentException for anything else
     */
    public static Optional<PageAddress> parse(String text) {
        if (text.equals(OFF)) {
            return Optional.empty();
        }
        if (text.equals(AUTOMATIC)) {
            return Optional.of(new PageAddress("127.0.0.1", USUAL_PORT, false));
        }
        Matcher parts = HOST_AND_PORT.matcher(text);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65535) {
            throw new IllegalArgumentException("'" + text + "' is no place for the live page: it takes " + AUTOMATIC
                    + ", " + OFF + ", or HOST:PORT with a port from 0 (any that is free) to 65535, such as 127.0.0.1:"
                    + USUAL_PORT);
        }
        return Optional.of(new PageAddress(parts.group(1), Integer.parseInt(parts.group(2)), true));
    }

    /** The same host, at any port that is free. */
    PageAddress anyPort() {
        return new PageAddress(host, 0, fixed);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}

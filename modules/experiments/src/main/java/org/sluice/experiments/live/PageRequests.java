package org.sluice.experiments.live;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sluice.experiments.report.PageStyle;

/**
 * Answers a browser. There is nothing to be changed by a request, and other pages that the browser shows can neither read nor frame this
 * one: no answer allows another origin, and a request under a name that is not this machine's is refused, since whoever owns that
 * name may let it point here.
 */
final class PageRequests implements HttpHandler {
    private static final String HTML = "text/html; charset=utf-8";
    private static final String JSON = "application/json; charset=utf-8";
    private static final Pattern VARIANT = Pattern.compile("/variants/([0-9]{1,6})\\.json");

    /** Names are letters, so what is written in digits and dots, or in brackets, is an address, and belongs to nobody else. */
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[[0-9a-f:.]+]");

    private static final Map<String, String> SECURITY = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "X-Frame-Options",
            "DENY",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Cache-Control",
            "no-store");

    private final LiveRun run;
    private final Set<String> names;
    private final Map<String, Answer> files;

    private record Answer(int status, String type, byte[] content) {
        static Answer text(int status, String text) {
            return new Answer(status, "text/plain; charset=utf-8", bytes(text + "\n"));
        }

        static Answer json(String text) {
            return new Answer(200, JSON, bytes(text));
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** @param names of this machine, in small letters */
    PageRequests(LiveRun run, Set<String> names) throws IOException {
        this.run = run;
        this.names = Set.copyOf(names);
        String style = PageStyle.text() + new String(resource("live.css"), StandardCharsets.UTF_8);
        this.files = Map.of(
                "/",
                new Answer(200, HTML, resource("live.html")),
                "/live.css",
                new Answer(200, "text/css; charset=utf-8", style.getBytes(StandardCharsets.UTF_8)),
                "/live.js",
                new Answer(200, "text/javascript; charset=utf-8", resource("live.js")),
                "/chart.js",
                new Answer(200, "text/javascript; charset=utf-8", resource("chart.js")),
                "/icon.svg",
                new Answer(200, "image/svg+xml", resource("icon.svg")));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream stream = PageRequests.class.getResourceAsStream(name)) {
            return stream.readAllBytes();
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            Headers headers = exchange.getResponseHeaders();
            SECURITY.forEach(headers::set);
            headers.set("Content-Type", answer.type());
            if (answer.status() == 405) {
                headers.set("Allow", "GET");
            }
            boolean bodiless = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.status(), bodiless ? -1 : answer.content().length);
            if (!bodiless) {
                exchange.getResponseBody().write(answer.content());
            }
        }
    }

    private Answer answer(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        if (host == null || !isOurs(host)) {
            return Answer.text(
                    403, "This is not the name of the machine that serves the page. Open it by the machine's address.");
        }
        if (!exchange.getRequestMethod().equals("GET")) {
            return Answer.text(405, "The page can only be read, by GET.");
        }
        return get(exchange.getRequestURI().getPath());
    }

    private boolean isOurs(String host) {
        String name = host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
        return names.contains(name) || ADDRESS.matcher(name).matches();
    }

    private Answer get(String path) {
        if (path.equals("/run.json")) {
            return Answer.json(run.summary());
        }
        Matcher variant = VARIANT.matcher(path);
        Optional<Answer> found = variant.matches()
                ? run.variant(Integer.parseInt(variant.group(1))).map(Answer::json)
                : Optional.ofNullable(files.get(path));
        return found.orElseGet(() -> Answer.text(404, "There is nothing here. The page is at /"));
    }
}

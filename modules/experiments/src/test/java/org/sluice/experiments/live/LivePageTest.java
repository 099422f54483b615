package org.sluice.experiments.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LivePageTest {
    private static final PageAddress ANY = new PageAddress("127.0.0.1", 0, true);

    @TempDir
    private Path runs;

    private LiveRun run;
    private LivePage page;

    @BeforeEach
    void open() throws IOException {
        run = LiveSamples.run(LiveSamples.folder(runs, "served"), new AtomicLong(), 8, "a");
        page = LivePage.open(ANY, run);
    }

    @AfterEach
    void close() {
        page.close();
    }

    @Test
    void servesThePageAndAllThatItAsksFor() throws Exception {
        HttpResponse<String> html = request("GET", "");

        assertThat(html.statusCode()).isEqualTo(200);
        assertThat(html.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        Pattern.compile("(?:src|href)=\"([^\"]+)\"")
                .matcher(html.body())
                .results()
                .forEach(reference -> {
                    HttpResponse<String> file = request("GET", reference.group(1));
                    assertThat(file.statusCode()).as(reference.group(1)).isEqualTo(200);
                    assertThat(file.body()).doesNotContainPattern("https?://(?!www\\.w3\\.org/)");
                });
        assertThat(request("GET", "live.css").body()).contains(".series-7{color:");
    }

    @Test
    void tellsHowTheRunGoesWithEachRequest() throws Exception {
        assertThat(request("GET", "run.json").body()).contains("\"name\":\"served\"", "\"step\":0");
        run.training().started(LiveSamples.start("a", 0, 8));
        LiveSamples.train(run.training(), "a", 1, 2, 8);

        assertThat(request("GET", "run.json").body()).contains("\"phase\":\"training\"", "\"step\":4");
        assertThat(request("GET", "variants/0.json").body()).contains("\"parameters\":123456", "\"host\":\"host-b\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "variants/1.json",
                "variants/-1.json",
                "variants/99999999999.json",
                "../job.yaml",
                "live",
                "variants/0.json/x"
            })
    void whatIsNotThereIsNotFound(String path) {
        assertThat(request("GET", path).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})
    void canOnlyBeRead(String method) {
        HttpResponse<String> answer = request(method, "run.json");

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run.json", "nothing"})
    void everyAnswerShutsOtherPagesOut(String path) {
        HttpResponse<String> answer = request("GET", path);

        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'none'; script-src 'self'")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-origin");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "LOCALHOST:1234", "[::1]:4050", "10.1.2.3:80"})
    void answersUnderNamesOfThisMachineAndUnderAddresses(String host) throws IOException {
        assertThat(firstLine(host)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.org", "127.0.0.1.example.org:4050", "localhost.example.org", "x", ""})
    void refusesNamesThatSomebodyElseMayHavePointedHere(String host) throws IOException {
        assertThat(firstLine(host)).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void visitorsWhoSayNothingDoNotKeepOthersOut() throws Exception {
        int port = URI.create(page.url()).getPort();
        Socket[] silent = new Socket[20];
        try {
            for (int visitor = 0; visitor < silent.length; visitor++) {
                silent[visitor] = new Socket(InetAddress.getLoopbackAddress(), port);
            }

            assertThat(request("GET", "run.json").statusCode()).isEqualTo(200);
        } finally {
            for (Socket visitor : silent) {
                visitor.close();
            }
        }
    }

    @Test
    void aPortThatIsInUseIsNamed() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = other.getLocalPort();

            assertThatThrownBy(() -> LivePage.open(new PageAddress("127.0.0.1", port, true), run))
                    .isInstanceOf(IOException.class)
                    .hasMessage("127.0.0.1:" + port + " cannot be had: Address already in use");
            try (LivePage elsewhere = LivePage.open(new PageAddress("127.0.0.1", port, false), run)) {
                assertThat(URI.create(elsewhere.url()).getPort()).isNotIn(0, port);
            }
        }
    }

    @Test
    void anAddressThatIsNotOfThisMachineIsNamed() {
        assertThatThrownBy(() -> LivePage.open(new PageAddress("192.0.2.1", 0, true), run))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("192.0.2.1:0 cannot be had: ");
        assertThatThrownBy(() -> LivePage.open(new PageAddress("no-such-host.invalid", 0, true), run))
                .isInstanceOf(IOException.class)
                .hasMessage("this machine knows no address of 'no-such-host.invalid'");
    }

    @Test
    void isGoneWhenItIsClosed() {
        page.close();

        assertThatThrownBy(() -> request("GET", "")).hasRootCauseInstanceOf(IOException.class);
    }

    private HttpResponse<String> request(String method, String path) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(page.url() + path))
                                    .method(method, BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Of an answer under any name; the JDK's client lets nobody choose it. */
    private String firstLine(String host) throws IOException {
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), URI.create(page.url()).getPort())) {
            socket.getOutputStream()
                    .write(("GET /run.json HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.lines().findFirst().orElse("");
        }
    }
}

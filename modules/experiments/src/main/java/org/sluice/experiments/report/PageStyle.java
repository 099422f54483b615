package org.sluice.experiments.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The looks that all pages of Sluice share. */
public final class PageStyle {
    private PageStyle() {}

    /** Style rules for a page whose series have the classes {@code series-0} to {@code series-7}, in the colours of the report. */
    public static String text() {
        return base() + Palette.seriesRules();
    }

    static String base() {
        try (InputStream resource = PageStyle.class.getResourceAsStream("report.css")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the resource report.css of Sluice cannot be read", e);
        }
    }
}

package org.sluice.experiments.report;

import java.util.List;
import org.apache.commons.text.StringEscapeUtils;

/** Writes HTML in which every text and every attribute is escaped; what is not must say so by {@link #trusted}. */
final class HtmlWriter {
    private final StringBuilder html = new StringBuilder();

    /** An element with what {@code content} writes inside. Attributes are names and values in turn. */
    HtmlWriter element(String name, List<String> attributes, Runnable content) {
        open(name, attributes);
        content.run();
        html.append("</").append(name).append(">\n");
        return this;
    }

    /** An element with text inside. */
    HtmlWriter element(String name, List<String> attributes, String text) {
        open(name, attributes);
        html.append(escaped(text)).append("</").append(name).append(">\n");
        return this;
    }

    /** An element with text inside and no attributes. */
    HtmlWriter element(String name, String text) {
        return element(name, List.of(), text);
    }

    /** An element without an end tag. */
    HtmlWriter empty(String name, List<String> attributes) {
        open(name, attributes);
        html.append('\n');
        return this;
    }

    /** Markup as it is. Only for what Sluice and its chart library made, never for a text from outside. */
    HtmlWriter trusted(String markup) {
        html.append(markup).append('\n');
        return this;
    }

    @Override
    public String toString() {
        return html.toString();
    }

    private void open(String name, List<String> attributes) {
        html.append('<').append(name);
        for (int index = 0; index < attributes.size(); index += 2) {
            html.append(' ').append(attributes.get(index)).append("=\"").append(escaped(attributes.get(index + 1)));
            html.append('"');
        }
        html.append('>');
    }

    private static String escaped(String text) {
        return StringEscapeUtils.escapeHtml4(text);
    }
}

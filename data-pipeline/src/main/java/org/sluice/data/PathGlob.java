package org.sluice.data;

import java.util.regex.Pattern;

/**
 * A glob over slash-separated paths, the same on every operating system: {@code *} and {@code ?} stay within a folder,
 * {@code **} crosses folders ({@code **}{@code /x} also means {@code x} at the top), {@code [...]} is one of some characters,
 * {@code {a,b}} is a or b, and a backslash takes the next character as it is.
 */
final class PathGlob {
    private final String glob;
    private final StringBuilder regex = new StringBuilder();
    private int position;
    private int openBraces;

    private PathGlob(String glob) {
        this.glob = glob;
    }

    /**
     * The regular expression that matches the same paths.
     *
     * @throws IllegalArgumentException if the glob is empty, or a bracket or brace is not closed
     */
    static Pattern compile(String glob) {
        if (glob == null || glob.isEmpty()) {
            throw new IllegalArgumentException("an include glob is empty; write for example **/*.java");
        }
        return new PathGlob(glob).translate();
    }

    private Pattern translate() {
        while (position < glob.length()) {
            char c = glob.charAt(position++);
            switch (c) {
                case '*' -> star();
                case '?' -> regex.append("[^/]");
                case '[' -> characters();
                case '{' -> {
                    openBraces++;
                    regex.append("(?:");
                }
                case '}' -> closeBrace();
                case ',' -> regex.append(openBraces > 0 ? "|" : ",");
                case '\\' -> literal(position < glob.length() ? glob.charAt(position++) : '\\');
                default -> literal(c);
            }
        }
        if (openBraces > 0) {
            throw new IllegalArgumentException("the glob '" + glob + "' has a { that is not closed");
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    private void star() {
        boolean twice = position < glob.length() && glob.charAt(position) == '*';
        if (!twice) {
            regex.append("[^/]*");
            return;
        }
        position++;
        boolean wholeFolders = (position == 2 || glob.charAt(position - 3) == '/')
                && position < glob.length()
                && glob.charAt(position) == '/';
        if (wholeFolders) {
            position++;
            regex.append("(?:.*/)?");
        } else {
            regex.append(".*");
        }
    }

    private void characters() {
        int end = glob.indexOf(']', position + 1);
        if (end < 0) {
            throw new IllegalArgumentException("the glob '" + glob + "' has a [ that is not closed");
        }
        String inside = glob.substring(position, end);
        boolean negated = inside.startsWith("!");
        regex.append('[').append(negated ? "^/" : "");
        for (char c : inside.substring(negated ? 1 : 0).toCharArray()) {
            if ("\\[]^&".indexOf(c) >= 0) {
                regex.append('\\');
            }
            regex.append(c);
        }
        regex.append(']');
        position = end + 1;
    }

    private void closeBrace() {
        if (openBraces == 0) {
            literal('}');
            return;
        }
        openBraces--;
        regex.append(')');
    }

    private void literal(char c) {
        regex.append(Pattern.quote(String.valueOf(c)));
    }
}

package org.sluice.data;

import java.util.Random;

/** Texts that tokenizers stumble over: scripts, emoji, line ends, long white space, digits, code. */
final class RandomText {
    private static final String[] PIECES = {
        " ",
        "  ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "\n\n\n",
        " \n \t ",
        "\u00a0",
        "\u2003",
        "\u2028",
        "\u0085",
        "\u3000",
        "the",
        " The",
        "don't",
        "DON'T",
        "I'LL",
        "we've",
        "'s",
        "'S",
        "'\u017f",
        "'ll",
        "'",
        "''",
        "x's",
        "public static void main(String[] args) {",
        "}",
        "};",
        "/**",
        " * ",
        "// ",
        "a_b_c",
        "fooBar",
        "==",
        "->",
        ">>=",
        "0",
        "12",
        "345",
        "3.14159",
        "\u0663\u0664",
        "\u00bd",
        "\u2167",
        "1_000_000",
        "0x7fff",
        "\u00e9",
        "e\u0301",
        "\u00df",
        "\u0130",
        "\u01c6",
        "na\u00efve",
        "\u03a9\u03bc\u03ad\u03b3\u03b1",
        "\u0416\u0438\u0432",
        "\u4f60\u597d",
        "\u3053\u3093",
        "\uc548\ub155",
        "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
        "\u0928\u092e\u0938\u094d\u0924\u0947",
        "\u05e9\u05dc\u05d5\u05dd",
        "\ud83d\ude00",
        "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67",
        "\ud83c\uddeb\ud83c\uddf7",
        "\ud83d\udc4d\ud83c\udffd",
        "\ud835\udd4f",
        "\u200b",
        "\ufe0f",
        "\u0301",
        "\u0007",
        "\u001b[0m",
        "\uffff",
        "\ue000",
        "\ufffd",
        "!!!",
        "...",
        "?!",
        "\u2014",
        "\u201cquoted\u201d",
        "\u20ac",
        "#",
        "@",
        "\\",
        "\"",
        "<|endoftext|>",
        "<|end",
        "|>",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "abababababab",
        "=================",
        "----------------",
        "http://example.org/a?b=c&d=%20"
    };

    private RandomText() {}

    static String of(Random random, int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            switch (random.nextInt(12)) {
                case 0 -> text.append(" ".repeat(random.nextInt(random.nextInt(20) == 0 ? 3000 : 40)));
                case 1 -> text.append(word(random));
                case 2 -> text.appendCodePoint(codePoint(random));
                case 3 -> text.append("ab".charAt(random.nextInt(2)));
                default -> text.append(PIECES[random.nextInt(PIECES.length)]);
            }
        }
        return text.toString();
    }

    /** Prose of a small vocabulary, so that merges have something to learn. */
    static String prose(Random random, int words) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            int length = 2 + random.nextInt(3);
            for (int syllable = 0; syllable < length; syllable++) {
                text.append("bdfgklmnprst".charAt(random.nextInt(12))).append("aeiou".charAt(random.nextInt(5)));
            }
            text.append(random.nextInt(12) == 0 ? ".\n" : " ");
        }
        return text.toString();
    }

    private static String word(Random random) {
        StringBuilder word = new StringBuilder();
        int length = 1 + random.nextInt(random.nextInt(30) == 0 ? 1500 : 12);
        for (int i = 0; i < length; i++) {
            word.append((char) ('a' + random.nextInt(26)));
        }
        return word.toString();
    }

    /** Any code point but a surrogate or NUL. */
    private static int codePoint(Random random) {
        while (true) {
            int codePoint = random.nextInt(random.nextInt(3) == 0 ? Character.MAX_CODE_POINT + 1 : 0x3000);
            if (codePoint != 0 && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE)) {
                return codePoint;
            }
        }
    }
}

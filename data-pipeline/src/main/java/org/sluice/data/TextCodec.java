package org.sluice.data;

/** Turns text into token numbers and back. Safe for several threads. */
interface TextCodec {
    /** The tokens of a text; no special token, whatever the text says. */
    int[] encode(String text);

    /** The text of tokens, special ones written out; bytes that are not UTF-8 become U+FFFD. */
    String decode(int[] tokens);
}

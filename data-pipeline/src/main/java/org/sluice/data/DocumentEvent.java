package org.sluice.data;

/**
 * What a reader found at one place of an input: a document, or something that it skips.
 *
 * @param input the index of the input in the configuration
 * @param place where it lies, for people
 * @param text the document's text; null if skipped
 * @param utf8 the same text in UTF-8; null if skipped
 * @param skipped why it is skipped; null for a document
 */
record DocumentEvent(int input, String place, String text, byte[] utf8, SkipReason skipped) {
    static DocumentEvent skip(int input, String place, SkipReason reason) {
        return new DocumentEvent(input, place, null, null, reason);
    }

    boolean isDocument() {
        return skipped == null;
    }
}

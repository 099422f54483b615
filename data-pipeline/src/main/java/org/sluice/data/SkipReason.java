package org.sluice.data;

/** Why one document was left out of a dataset. */
public enum SkipReason {
    /** A line is not one JSON object. */
    MALFORMED_JSON("not a JSON object"),
    /** The text field is missing, null, or not a string. */
    MISSING_TEXT("the text field is missing or not a string"),
    /** The bytes are not UTF-8, or the text has half of a surrogate pair. */
    NOT_UTF8("not valid UTF-8 text"),
    /** The text holds a NUL character, as binary files do. */
    NUL_CHARACTER("holds a NUL character"),
    /** The document is longer than the configured limit. */
    TOO_LARGE("longer than the document limit"),
    /** The document has no text at all. */
    EMPTY("empty");

    private final String explanation;

    SkipReason(String explanation) {
        this.explanation = explanation;
    }

    /** The reason in words, as logs say it. */
    public String explanation() {
        return explanation;
    }
}

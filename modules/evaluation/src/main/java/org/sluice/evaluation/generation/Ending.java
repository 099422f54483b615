package org.sluice.evaluation.generation;

/** Why a text went no further. */
public enum Ending {
    /** The model gave the token that ends a document. */
    END_OF_TEXT("end-of-text"),
    /** The text came to a stop string. */
    STOP_STRING("stop-string"),
    /** There were as many tokens as were asked for. */
    LENGTH("length");

    private final String id;

    Ending(String id) {
        this.id = id;
    }

    /** As it is written for programs: {@code end-of-text}. */
    public String id() {
        return id;
    }
}

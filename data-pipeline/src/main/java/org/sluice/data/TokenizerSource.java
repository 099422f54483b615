package org.sluice.data;

import java.io.Serializable;

/** A tokenizer that travels to executors as its tokenizer.json and is built there once. */
final class TokenizerSource implements Serializable {
    private static final long serialVersionUID = 1L;

    private final byte[] json;
    private final String endOfTextToken;
    private transient Tokenizer tokenizer;

    TokenizerSource(Tokenizer tokenizer) {
        this.json = tokenizer.json();
        this.endOfTextToken = tokenizer.endOfTextToken();
        this.tokenizer = tokenizer;
    }

    synchronized Tokenizer get() {
        if (tokenizer == null) {
            tokenizer = Tokenizer.of(json, endOfTextToken);
        }
        return tokenizer;
    }
}

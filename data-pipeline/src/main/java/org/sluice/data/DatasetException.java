package org.sluice.data;

/** A corpus, a tokenizer or a dataset cannot be used; the message says which, why, and what to do. */
public class DatasetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DatasetException(String message) {
        super(message);
    }

    public DatasetException(String message, Throwable cause) {
        super(message, cause);
    }
}

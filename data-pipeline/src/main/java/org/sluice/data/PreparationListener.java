package org.sluice.data;

/** Hears how a preparation goes on; called from several threads, one at a time. */
public interface PreparationListener {
    /** The stages of a preparation, in their order; a stage that is not needed does not occur. */
    enum Stage {
        /** Counting the corpus to choose the tokenizer's sample; in Spark tasks. */
        SAMPLE("choosing the tokenizer's sample"),
        /** Counting words to train the tokenizer; in Spark tasks. */
        WORDS("counting words"),
        /** Learning the tokenizer's merges; in merges. */
        MERGES("training the tokenizer"),
        /** Reading, encoding and comparing documents; in Spark tasks. */
        ENCODE("encoding documents"),
        /** Counting the tokens of each stream; in Spark tasks. */
        PLAN("planning blocks"),
        /** Packing and writing blocks; in Spark tasks. */
        WRITE("writing blocks");

        private final String title;

        Stage(String title) {
            this.title = title;
        }

        /** What the stage does, for people. */
        public String title() {
            return title;
        }
    }

    /**
     * A stage went on.
     *
     * @param done units done so far; equal to total when the stage ends
     * @param total units of the stage; it may grow while Spark plans the stage
     */
    void progress(Stage stage, long done, long total);

    /** Something worth a line: a reused dataset, skipped documents. */
    void message(String message);

    /** Hears nothing. */
    static PreparationListener none() {
        return new PreparationListener() {
            @Override
            public void progress(Stage stage, long done, long total) {}

            @Override
            public void message(String message) {}
        };
    }
}

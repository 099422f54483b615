package org.sluice.training.parity;

/** What is compared with PyTorch. Differences are relative: {@code ||found - expected|| / ||expected||}. */
enum Quantity {
    LOGITS("logits", "logits"),
    LOSS("loss", "loss"),
    GRADIENT("gradients", "gradient"),
    ROUTER_LOSSES("router losses", "router_losses"),
    STEP_LOSSES("losses", "losses"),
    GRADIENT_NORMS("gradient norms", "gradient_norms"),
    LEARNING_RATES("learning rates", "learning_rates", 1e-12),
    PARAMETERS("parameters", "parameter"),
    /**
     * From the first step to the last. A change is a small part of a parameter, and what rounding does to the parameter in each step is a larger
     * part of the change. Besides, Adam's first step is {@code g / (|g| + epsilon)}: almost of full length even where the gradient
     * {@code g} is so small that much of it is rounding.
     */
    CHANGES("changes of parameters", "change", 2e-5);

    private final String words;
    private final String key;
    private final double tolerance;

    Quantity(String words, String key) {
        this(words, key, 1e-5);
    }

    Quantity(String words, String key, double tolerance) {
        this.words = words;
        this.key = key;
        this.tolerance = tolerance;
    }

    /** What the page calls it. */
    String words() {
        return words;
    }

    /** What the files call it. */
    String key() {
        return key;
    }

    /** The largest difference that is no fault. */
    double tolerance() {
        return tolerance;
    }
}

package org.sluice.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a backend's matrix products are computed with. Tensors are float32 in each case, and so are all sums over products. */
public enum Precision {
    /** Operands and results as they are. */
    FP32,

    /** Operands rounded to bfloat16, products added up in float32, results rounded to bfloat16 before they are stored or added. */
    BF16;

    /** The precision that a name in a job file stands for: {@code fp32} or {@code bf16}. */
    public static Optional<Precision> named(String name) {
        return Arrays.stream(values())
                .filter(precision -> precision.toString().equals(name))
                .findFirst();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package org.sluice.cluster;

/** Fp32 values of the flat parameter space. */
interface FlatFloats {

    /** Reads so many values from an offset on. */
    void read(long offset, float[] target, int count);

    /** Writes so many values from an offset on. */
    void write(long offset, float[] source, int count);
}

package org.sluice.cluster;

/** The flat space in an array. */
final class ArrayFloats implements FlatFloats {
    private final float[] values;

    ArrayFloats(float[] values) {
        this.values = values;
    }

    @Override
    public void read(long offset, float[] target, int count) {
        System.arraycopy(values, (int) offset, target, 0, count);
    }

    @Override
    public void write(long offset, float[] source, int count) {
        System.arraycopy(source, 0, values, (int) offset, count);
    }
}

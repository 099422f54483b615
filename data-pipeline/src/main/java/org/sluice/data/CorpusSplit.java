package org.sluice.data;

import java.io.Serializable;

/**
 * A piece of an input that one task reads: a file, or a byte range of a file of JSON lines.
 *
 * @param input the index of the input in the configuration
 * @param path the file
 * @param format how to read it; never Parquet, which Spark SQL reads
 * @param start the first byte; the split has the lines that begin in [start, end)
 * @param end the byte after the last; the file's length where the file is not cut
 */
record CorpusSplit(int input, String path, InputFormat format, long start, long end) implements Serializable {
    long bytes() {
        return end - start;
    }
}

package org.sluice.data;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.GzipCodec;

/** How a file is compressed, told by its name. None of it needs Hadoop's native libraries. */
enum Compression {
    NONE(""),
    GZIP(".gz"),
    ZSTANDARD(".zst");

    private final String extension;

    Compression(String extension) {
        this.extension = extension;
    }

    static Compression of(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        if (name.endsWith(GZIP.extension)) {
            return GZIP;
        }
        return name.endsWith(ZSTANDARD.extension) ? ZSTANDARD : NONE;
    }

    String withoutExtension(String fileName) {
        return fileName.substring(0, fileName.length() - extension.length());
    }

    /** The decompressed bytes of a stream. Hadoop's gzip reads files of several members to their end; Java's own may stop early. */
    InputStream decompress(InputStream stream, Configuration hadoop) throws IOException {
        switch (this) {
            case GZIP:
                GzipCodec codec = new GzipCodec();
                codec.setConf(hadoop);
                return codec.createInputStream(stream);
            case ZSTANDARD:
                return new ZstdInputStream(stream);
            default:
                return stream;
        }
    }
}

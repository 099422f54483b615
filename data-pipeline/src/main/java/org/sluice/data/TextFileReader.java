package org.sluice.data;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;

/** One file that is one document. */
final class TextFileReader extends SplitReader {
    private final DocumentDecoder decoder;
    private final Configuration hadoop;
    private boolean done;

    TextFileReader(CorpusSplit split, DocumentDecoder decoder, Configuration hadoop) {
        super(split);
        this.decoder = decoder;
        this.hadoop = hadoop;
    }

    @Override
    DocumentEvent read() throws IOException {
        if (done) {
            return null;
        }
        done = true;
        try (InputStream stream = Compression.of(split().path()).decompress(open(split(), hadoop), hadoop)) {
            return decoder.text(split().input(), split().path(), readBounded(stream, decoder.maximumBytes()));
        }
    }

    @Override
    public void close() {
        // Nothing stays open between documents.
    }
}

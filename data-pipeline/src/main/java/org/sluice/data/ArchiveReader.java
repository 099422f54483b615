package org.sluice.data;

import java.io.EOFException;
import java.io.IOException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.hadoop.conf.Configuration;

/**
 * The entries of a jar or zip file, read as a stream: the archive may be of any size, an entry of at most the document limit is held.
 *
 * <p>An archive made to explode cannot: a longer entry is inflated without being kept, DEFLATE grows data at most 1,032-fold, and
 * archives within archives are not opened.
 */
final class ArchiveReader extends SplitReader {
    private final PathFilter filter;
    private final DocumentDecoder decoder;
    private final Configuration hadoop;
    private ZipInputStream archive;
    private boolean anyEntry;

    ArchiveReader(CorpusSplit split, PathFilter filter, DocumentDecoder decoder, Configuration hadoop) {
        super(split);
        this.filter = filter;
        this.decoder = decoder;
        this.hadoop = hadoop;
    }

    @Override
    DocumentEvent read() throws IOException {
        if (archive == null) {
            archive = new ZipInputStream(open(split(), hadoop));
        }
        for (ZipEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
            anyEntry = true;
            if (!entry.isDirectory() && filter.accepts(entry.getName())) {
                byte[] bytes = readBounded(archive, decoder.maximumBytes());
                return decoder.text(split().input(), split().path() + "!/" + entry.getName(), bytes);
            }
        }
        if (!anyEntry) {
            throw new EOFException("it is not a jar or zip archive, or it has no entries");
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        if (archive != null) {
            archive.close();
        }
    }
}

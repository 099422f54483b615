package org.sluice.data;

import java.util.List;

/** Refuses a corpus that cannot become a dataset, and says what was left out of one that can. */
final class CorpusCheck {
    private final DataConfig config;
    private final CorpusStatistics statistics;
    private final PreparationListener listener;

    CorpusCheck(DataConfig config, CorpusStatistics statistics, PreparationListener listener) {
        this.config = config;
        this.statistics = statistics;
        this.listener = listener;
    }

    /** @throws DatasetException if an input has no document, or a side of the split that must have one has none */
    void check() {
        for (int input = 0; input < config.inputs().size(); input++) {
            CorpusInput source = config.inputs().get(input);
            List<String> skips = statistics.skips(input);
            if (!statistics.hasDocuments(input)) {
                throw new DatasetException(source.describe() + " has not one document"
                        + (skips.isEmpty() ? "" : "; skipped were " + String.join("; ", skips))
                        + ". Check its paths, its format, its include globs and its text field");
            }
            for (String skip : skips) {
                listener.message("Skipped in " + source.describe() + ": " + skip);
            }
        }
        long train = documents(false);
        long heldOut = documents(true);
        if (train == 0) {
            throw new DatasetException("nothing is left to train on: all " + heldOut
                    + " documents are held out; lower the held-out fraction (" + config.heldOutFraction()
                    + ") or add documents");
        }
        if (heldOut == 0 && config.heldOutFraction() > 0) {
            throw new DatasetException("nothing is held out: the held-out fraction (" + config.heldOutFraction()
                    + ") chose none of " + train + " documents; raise it, or set it to 0 to hold out nothing");
        }
    }

    private long documents(boolean heldOut) {
        long documents = 0;
        for (int domain = 0; domain < config.domains().size(); domain++) {
            documents += statistics.documents(domain, heldOut);
        }
        return documents;
    }
}

package org.sluice.jobs.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.sluice.data.Dataset;
import org.sluice.data.DatasetManifest;

/** A dataset in words. */
final class DatasetSummary {
    private DatasetSummary() {}

    static String of(Dataset dataset) {
        DatasetManifest manifest = dataset.manifest();
        List<String> lines = new ArrayList<>();
        lines.add("dataset " + dataset.folder());
        lines.add(String.format(
                Locale.ROOT,
                "  %,d tokens to train on in %,d blocks of %,d, %,d tokens held out in %,d blocks",
                manifest.train().tokens(),
                manifest.train().blocks(),
                manifest.blockLength(),
                manifest.heldOut().tokens(),
                manifest.heldOut().blocks()));
        lines.add(String.format(
                Locale.ROOT,
                "  vocabulary %,d, tokenizer %s, shards %d",
                manifest.vocabulary(),
                manifest.tokenizerFingerprint().substring(0, 12),
                manifest.train().shards().size() + manifest.heldOut().shards().size()));
        lines.add("  SHA-256 of the manifest " + dataset.hash());
        lines.add(String.format(
                Locale.ROOT,
                "  %-16s %12s %14s %14s %10s %10s",
                "domain",
                "documents",
                "bytes",
                "tokens",
                "held out",
                "duplicates"));
        for (DatasetManifest.Domain domain : manifest.domains()) {
            lines.add(domain(domain));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String domain(DatasetManifest.Domain domain) {
        String row = String.format(
                Locale.ROOT,
                "  %-16s %,12d %,14d %,14d %,10d %,10d",
                domain.name(),
                domain.train().documents() + domain.heldOut().documents(),
                domain.train().bytes() + domain.heldOut().bytes(),
                domain.train().tokens() + domain.heldOut().tokens(),
                domain.heldOut().documents(),
                domain.duplicates());
        if (domain.skipped().isEmpty()) {
            return row;
        }
        String reasons = domain.skipped().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(reason -> reason.getValue() + " " + reason.getKey().explanation())
                .collect(Collectors.joining(", "));
        return row + "  skipped: " + reasons;
    }
}

package org.sluice.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.Row;

/** Exact counts of encoded documents, by input, domain, side of the split, and what became of them. */
final class CorpusStatistics {
    private final List<Group> groups;

    private record Group(
            int input,
            int domain,
            int kind,
            SkipReason reason,
            boolean heldOut,
            long documents,
            long bytes,
            long tokens,
            String firstPlace) {}

    private CorpusStatistics(List<Group> groups) {
        this.groups = groups;
    }

    static CorpusStatistics of(org.apache.spark.sql.Dataset<Row> documents) {
        List<Group> groups = new ArrayList<>();
        List<Row> rows = documents
                .groupBy(
                        EncodedDocuments.INPUT,
                        EncodedDocuments.DOMAIN,
                        EncodedDocuments.KIND,
                        EncodedDocuments.REASON,
                        EncodedDocuments.HELD_OUT)
                .agg(
                        count(lit(1)),
                        sum(EncodedDocuments.BYTES),
                        sum(EncodedDocuments.TOKENS),
                        min(col(EncodedDocuments.PLACE)))
                .collectAsList();
        for (Row row : rows) {
            groups.add(new Group(
                    row.getInt(0),
                    row.getInt(1),
                    row.getInt(2),
                    row.isNullAt(3) ? null : SkipReason.valueOf(row.getString(3)),
                    row.getBoolean(4),
                    row.getLong(5),
                    row.getLong(6),
                    row.getLong(7),
                    row.getString(8)));
        }
        return new CorpusStatistics(groups);
    }

    long documents(int domain, boolean heldOut) {
        return total(kept(domain, heldOut), Group::documents);
    }

    long bytes(int domain, boolean heldOut) {
        return total(kept(domain, heldOut), Group::bytes);
    }

    /** Tokens with one end-of-text token a document. */
    long tokens(int domain, boolean heldOut) {
        return total(kept(domain, heldOut), Group::tokens);
    }

    long duplicates(int domain) {
        return total(group -> group.kind() == EncodedDocuments.DUPLICATE && group.domain() == domain, Group::documents);
    }

    Map<SkipReason, Long> skipped(int domain) {
        Map<SkipReason, Long> skipped = new EnumMap<>(SkipReason.class);
        groups.stream()
                .filter(group -> group.kind() == EncodedDocuments.SKIPPED && group.domain() == domain)
                .forEach(group -> skipped.merge(group.reason(), group.documents(), Long::sum));
        return skipped;
    }

    /** Whether an input gave at least one document, a duplicate perhaps. */
    boolean hasDocuments(int input) {
        return groups.stream().anyMatch(group -> group.input() == input && group.kind() != EncodedDocuments.SKIPPED);
    }

    /** What of an input was skipped and where first, a line a reason. */
    List<String> skips(int input) {
        return groups.stream()
                .filter(group -> group.input() == input && group.kind() == EncodedDocuments.SKIPPED)
                .map(group -> group.documents() + (group.documents() == 1 ? " document: " : " documents: ")
                        + group.reason().explanation() + " (first by name: " + group.firstPlace() + ")")
                .sorted()
                .toList();
    }

    private static Predicate<Group> kept(int domain, boolean heldOut) {
        return group ->
                group.kind() == EncodedDocuments.DOCUMENT && group.domain() == domain && group.heldOut() == heldOut;
    }

    private long total(Predicate<Group> chosen, ToLongFunction<Group> value) {
        return groups.stream().filter(chosen).mapToLong(value).sum();
    }
}

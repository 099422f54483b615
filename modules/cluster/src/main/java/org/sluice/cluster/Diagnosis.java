package org.sluice.cluster;

/**
 * What one piece of evidence says about an executor.
 *
 * @param evidence the words or the exit code that it was recognised by, in one line
 */
record Diagnosis(FailureKind kind, String evidence) {
    private static final int LONGEST_EVIDENCE = 500;

    Diagnosis {
        String line = evidence.strip().replaceAll("\\s+", " ").replaceAll("\\.$", "");
        evidence = line.length() <= LONGEST_EVIDENCE ? line : line.substring(0, LONGEST_EVIDENCE) + "...";
    }

    /** The same of more evidence. */
    Diagnosis with(String more) {
        return new Diagnosis(kind, evidence + "; " + more);
    }

    /** The one that tells more; this one where both tell as much, as it was there first. */
    Diagnosis or(Diagnosis later) {
        return later.kind().compareTo(kind) < 0 ? later : this;
    }
}

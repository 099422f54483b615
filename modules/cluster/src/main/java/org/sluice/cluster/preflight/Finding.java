package org.sluice.cluster.preflight;

/**
 * Something that is not as it should be.
 *
 * @param fatal whether training cannot work with it, or only worse
 * @param place where
 * @param problem what was found and what was expected, as the middle of a sentence
 * @param cure what to do, as its end
 */
public record Finding(boolean fatal, Place place, String problem, String cure) {

    static Finding fatal(Place place, String problem, String cure) {
        return new Finding(true, place, problem, cure);
    }

    static Finding warning(Place place, String problem, String cure) {
        return new Finding(false, place, problem, cure);
    }
}

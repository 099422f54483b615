package org.sluice.evaluation.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sluice.data.Tokenizer;

/** Text that comes out piece by piece is the text, cut between characters and before a stop string. */
class TextPiecesTest {
    private static final Tokenizer TOKENIZER = ByteTokenizer.create();

    private static SplittableRandom random() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new SplittableRandom(seed);
    }

    private static List<String> pieces(String before, int... tokens) {
        IncrementalText text = new IncrementalText(TOKENIZER, ByteTokenizer.tokens(before));
        List<String> pieces = new ArrayList<>();
        for (int token : tokens) {
            pieces.add(text.add(token));
        }
        pieces.add(text.rest());
        return pieces;
    }

    @Test
    void charactersComeWhole() {
        assertThat(pieces("x", ByteTokenizer.tokens("aé€😀b")))
                .containsExactly("a", "", "é", "", "", "€", "", "", "", "😀", "b", "");
        assertThat(pieces("é", ByteTokenizer.tokens("é"))).containsExactly("", "é", "");
    }

    @Test
    void bytesThatAreNoCharacterComeOutAtTheEndAtLatest() {
        assertThat(pieces("x", 0xE2, 0x82)).containsExactly("", "", "\uFFFD");
        assertThat(String.join("", pieces("x", 0xE2, 'a', 0xFF, 'b'))).isEqualTo("\uFFFDa\uFFFDb");
        int[] lost = new int[50];
        Arrays.fill(lost, 0xFF);
        List<String> pieces = pieces("x", lost);
        assertThat(String.join("", pieces)).isEqualTo("\uFFFD".repeat(50));
        assertThat(pieces.get(10)).as("no more than a character is held back").isNotEmpty();
    }

    @Test
    void piecesTogetherAreTheTextOfAllTokens() {
        SplittableRandom random = random();
        String alphabet = "ab é€😀\uFFFD";
        for (int trial = 0; trial < 300; trial++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(1, 20); i > 0; i--) {
                int at = random.nextInt(alphabet.codePointCount(0, alphabet.length()));
                text.appendCodePoint(alphabet.codePointAt(alphabet.offsetByCodePoints(0, at)));
            }
            int[] tokens = ByteTokenizer.tokens(text.toString());
            List<String> pieces = pieces("é😀", tokens);
            assertThat(String.join("", pieces)).isEqualTo(text.toString());
            assertThat(pieces)
                    .noneMatch(piece -> !piece.isEmpty()
                            && (Character.isLowSurrogate(piece.charAt(0))
                                    || Character.isHighSurrogate(piece.charAt(piece.length() - 1))));
        }
    }

    /** What comes before the stop strings, by looking at every beginning of the text. */
    private static String cut(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            String beginning = text.substring(0, end);
            int longest = stops.stream()
                    .filter(beginning::endsWith)
                    .mapToInt(String::length)
                    .max()
                    .orElse(0);
            if (longest > 0) {
                return text.substring(0, end - longest);
            }
        }
        return text;
    }

    @Test
    void textEndsBeforeTheStopStringThatIsCompleteFirstHoweverItComes() {
        SplittableRandom random = random();
        for (int trial = 0; trial < 2_000; trial++) {
            String text = letters(random, random.nextInt(0, 20));
            List<String> stops = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                stops.add(letters(random, random.nextInt(1, 5)));
            }
            StopScan scan = new StopScan(stops);
            StringBuilder out = new StringBuilder();
            for (int at = 0; at < text.length(); ) {
                int end = Math.min(text.length(), at + random.nextInt(0, 4));
                out.append(scan.add(text.substring(at, end)));
                assertThat(cut(text, stops)).as("nothing is taken back").startsWith(out);
                at = end;
            }
            out.append(scan.rest());
            assertThat(out.toString()).as("'%s' before %s", text, stops).isEqualTo(cut(text, stops));
            assertThat(scan.found()).isEqualTo(stops.stream().anyMatch(text::contains));
        }
    }

    @Test
    void onlyWhatAStopStringBeginsWithIsHeldBack() {
        StopScan scan = new StopScan(List.of("abc"));
        assertThat(scan.add("xab")).isEqualTo("x");
        assertThat(scan.add("d")).isEqualTo("abd");
        assertThat(scan.add("ab")).isEmpty();
        assertThat(scan.add("cab")).isEmpty();
        assertThat(scan.found()).isTrue();
        assertThat(scan.add("more")).isEmpty();
        assertThat(scan.rest()).isEmpty();
    }

    private static String letters(SplittableRandom random, int count) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < count; i++) {
            letters.append((char) ('a' + random.nextInt(2)));
        }
        return letters.toString();
    }
}

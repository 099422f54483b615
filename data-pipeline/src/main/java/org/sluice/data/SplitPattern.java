package org.sluice.data;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The regular expressions that cut text into words before byte-pair merges, as far as Java's and Hugging Face's engines are known to
 * read them alike (tests compare both).
 */
enum SplitPattern {
    /** Single digits; the pattern of Qwen2 and later, and of the tokenizers trained here. */
    QWEN2(
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
    /** Digits by three; the pattern of GPT-4 (cl100k) and Llama 3. */
    GPT4(
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
    /** The pattern of GPT-2, which byte-level pre-tokenizers use by themselves. */
    GPT2("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    private final String regex;
    private final Pattern pattern;

    SplitPattern(String regex) {
        this.regex = regex;
        // Unicode's white space and letter case, as Hugging Face's engine has them.
        this.pattern = Pattern.compile(quicker(regex), Pattern.UNICODE_CHARACTER_CLASS);
    }

    /** The same expression for Java, which tries alternatives one by one: the contractions' apostrophe is looked for once. */
    private static String quicker(String regex) {
        return regex.replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)", "'(?i:[stmd]|re|ve|ll)")
                .replace("'s|'t|'re|'ve|'m|'ll|'d|", "'(?:[stmd]|re|ve|ll)|");
    }

    static Optional<SplitPattern> of(String regex) {
        return Stream.of(values()).filter(known -> known.regex.equals(regex)).findFirst();
    }

    String regex() {
        return regex;
    }

    Pattern pattern() {
        return pattern;
    }
}

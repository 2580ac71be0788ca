package io.millrace.language.tokenize;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One step of pre-tokenization: a pattern whose matches, and the gaps between them, become pieces.
 *
 * @param source what tokenizer.json says of the step
 * @param pattern what to find
 * @param removed whether matches are dropped, as whitespace splitting does; else they are pieces
 *     too
 */
record Splitter(Source source, Pattern pattern, boolean removed) {

  /** A step as tokenizer.json names it, so that it can be written as it was read. */
  sealed interface Source {
    /** Matches of a regular expression. */
    record Regex(String regex) implements Source {}

    /** Places of a text. */
    record Literal(String text) implements Source {}

    /** Numbers, or each of their digits. */
    record Digits(boolean individual) implements Source {}

    /** The pattern that a ByteLevel step applies on its own. */
    record ByteLevel() implements Source {}
  }

  /**
   * Letters, numbers and spaces have their Unicode meaning, as in Hugging Face's regular
   * expressions.
   */
  private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS;

  /** Steps of the matcher for each character of the text that no honest pattern needs. */
  private static final int STEPS_PER_CHARACTER = 2_000;

  /** GPT-2's pattern. */
  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /**
   * A step.
   *
   * @throws java.util.regex.PatternSyntaxException if the source is no regular expression
   */
  static Splitter of(Source source, boolean removed) {
    String regex =
        switch (source) {
          case Source.Regex own -> own.regex();
          case Source.Literal own -> Pattern.quote(own.text());
          case Source.Digits own -> own.individual() ? "\\p{N}" : "\\p{N}+";
          case Source.ByteLevel _ -> GPT2;
        };
    return new Splitter(source, Pattern.compile(regex, FLAGS), removed);
  }

  static Splitter isolated(String regex) {
    return of(new Source.Regex(regex), /* removed= */ false);
  }

  /**
   * Splits a text; joined, the pieces are the text unless matches are removed.
   *
   * @throws IllegalArgumentException if the pattern backtracks without end
   */
  List<String> split(String text) {
    List<String> pieces = new ArrayList<>();
    int end = 0;
    try {
      Matcher matcher = pattern.matcher(new Metered(text));
      while (matcher.find()) {
        if (matcher.end() == matcher.start()) {
          continue;
        }
        if (matcher.start() > end) {
          pieces.add(text.substring(end, matcher.start()));
        }
        if (!removed) {
          pieces.add(text.substring(matcher.start(), matcher.end()));
        }
        end = matcher.end();
      }
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException(
          "the tokenizer's pattern needs too deep a recursion: " + pattern.pattern(), e);
    }
    if (end < text.length()) {
      pieces.add(text.substring(end));
    }
    return pieces;
  }

  /** A text that stops a matcher which reads it again and again. */
  private static final class Metered implements CharSequence {
    private final String text;
    private long left;

    Metered(String text) {
      this.text = text;
      this.left = 1_000_000 + (long) STEPS_PER_CHARACTER * text.length();
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (--left < 0) {
        throw new IllegalArgumentException(
            "the tokenizer's pattern backtracks without end on this text");
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}

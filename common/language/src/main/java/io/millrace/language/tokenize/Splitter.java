package io.millrace.language.tokenize;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One step of pre-tokenization: a pattern whose matches, and the gaps between them, become pieces.
 *
 * @param pattern what to find
 * @param removed whether matches are dropped, as whitespace splitting does; else they are pieces
 *     too
 */
record Splitter(Pattern pattern, boolean removed) {

  /**
   * Letters, numbers and spaces have their Unicode meaning, as in Hugging Face's regular
   * expressions.
   */
  static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS;

  /** Steps of the matcher for each character of the text that no honest pattern needs. */
  private static final int STEPS_PER_CHARACTER = 2_000;

  /** GPT-2's pattern, which a ByteLevel pre-tokenizer applies on its own. */
  static final Splitter GPT2 =
      isolated(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

  static Splitter isolated(String regex) {
    return new Splitter(Pattern.compile(regex, FLAGS), /* removed= */ false);
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

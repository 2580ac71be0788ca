package io.millrace.language.tokenize;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds tokens outside of BPE in a text: first those that are looked for in the text as it is,
 * then, in what is between them and normalised, the others. Of tokens at one place the longest is
 * found.
 */
final class AddedTokens {

  private final boolean normalize;
  private final Map<String, Integer> ids = new HashMap<>();
  private final @Nullable Pattern asItIs;
  private final @Nullable Pattern normalised;

  /**
   * @param normalize whether texts are brought to NFC
   */
  AddedTokens(List<TokenizerSpec.AddedToken> tokens, boolean normalize) {
    this.normalize = normalize;
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    for (TokenizerSpec.AddedToken token : tokens) {
      String content = token.normalized() ? normal(token.content()) : token.content();
      ids.put(content, token.id());
      (token.normalized() ? second : first).add(content);
    }
    this.asItIs = anyOf(first);
    this.normalised = anyOf(second);
  }

  /** Id of a token by its text. */
  OptionalInt id(String content) {
    Integer id = ids.get(content);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * Cuts a text.
   *
   * @param ordinary takes what is between the tokens, normalised, never empty
   */
  void split(String text, IntBuffer found, Consumer<String> ordinary) {
    split(asItIs, text, found, between -> split(normalised, normal(between), found, ordinary));
  }

  private void split(
      @Nullable Pattern tokens, String text, IntBuffer found, Consumer<String> between) {
    int end = 0;
    if (tokens != null) {
      Matcher matcher = tokens.matcher(text);
      while (matcher.find()) {
        if (matcher.start() > end) {
          between.accept(text.substring(end, matcher.start()));
        }
        found.add(ids.getOrDefault(matcher.group(), -1));
        end = matcher.end();
      }
    }
    if (end < text.length()) {
      between.accept(text.substring(end));
    }
  }

  private String normal(String text) {
    return normalize ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
  }

  private static @Nullable Pattern anyOf(List<String> contents) {
    if (contents.isEmpty()) {
      return null;
    }
    // The longest first: a token may begin like another.
    return Pattern.compile(
        contents.stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(Pattern::quote)
            .collect(Collectors.joining("|")));
  }
}

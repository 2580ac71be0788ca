package io.millrace.language.tokenize;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into the pieces inside which BPE merges.
 *
 * @param splitters applied one after the other, each to the pieces of the one before
 * @param prefixSpace whether a text that does not begin with a space gets one
 */
record PreTokenizer(List<Splitter> splitters, boolean prefixSpace) {

  /**
   * Ours: as GPT-4 class tokenizers cut, which suits source code: indentation stays together,
   * digits come in threes, punctuation takes the line end with it.
   */
  static final String DEFAULT_PATTERN =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  static PreTokenizer ours() {
    return new PreTokenizer(List.of(Splitter.isolated(DEFAULT_PATTERN)), /* prefixSpace= */ false);
  }

  List<String> split(String text) {
    List<String> pieces = List.of(prefixSpace && !text.startsWith(" ") ? " " + text : text);
    for (Splitter splitter : splitters) {
      List<String> finer = new ArrayList<>();
      for (String piece : pieces) {
        finer.addAll(splitter.split(piece));
      }
      pieces = finer;
    }
    return pieces;
  }
}

package io.millrace.language.tokenize;

import java.util.List;
import java.util.Map;

/**
 * What a tokenizer.json says.
 *
 * @param vocabulary id of every token, spelt in the byte alphabet
 * @param merges pairs in order of their rank
 * @param added tokens outside of BPE, by text
 * @param normalize whether texts are brought to NFC first
 * @param preTokenizer how texts are cut
 * @param prefix ids that the post-processor puts in front
 * @param suffix ids that it puts behind
 */
record TokenizerSpec(
    Map<String, Integer> vocabulary,
    List<Merge> merges,
    List<AddedToken> added,
    boolean normalize,
    PreTokenizer preTokenizer,
    List<Integer> prefix,
    List<Integer> suffix) {

  /** Two tokens that merge. */
  record Merge(String left, String right) {}

  /**
   * A token outside of BPE.
   *
   * @param special whether ordinary text never becomes it
   * @param normalized whether it is looked for in normalised text
   */
  record AddedToken(int id, String content, boolean special, boolean normalized) {}
}

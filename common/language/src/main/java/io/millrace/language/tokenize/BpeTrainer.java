package io.millrace.language.tokenize;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains byte-level BPE (Sennrich et al. 2016, arXiv 1508.07909; on bytes as in GPT-2).
 *
 * <p>The result depends on the documents' words and their counts alone: the most frequent pair
 * merges first, of equally frequent ones the one with the smaller left id, then the smaller right
 * id.
 */
public final class BpeTrainer {

  /** Longer pieces (a line of dashes, say) are counted in parts: no token gets that long. */
  private static final int LONGEST_WORD = 128;

  private static final int BYTES = 256;

  private final int vocabSize;
  private final Progress progress;

  /** Told how far the training is. */
  @FunctionalInterface
  public interface Progress {
    /** {@code done} of {@code total} tokens of the vocabulary are found. */
    void update(int done, int total);
  }

  /**
   * A trainer of vocabularies of one size.
   *
   * @param vocabSize bytes and special tokens included
   * @throws IllegalArgumentException if there is no room for any merge
   */
  public BpeTrainer(int vocabSize, Progress progress) {
    int least = BYTES + SpecialTokens.ALL.size() + 1;
    if (vocabSize < least || vocabSize > 1 << 20) {
      throw new IllegalArgumentException(
          "vocab_size must be %d to %d, it is %d".formatted(least, 1 << 20, vocabSize));
    }
    this.vocabSize = vocabSize;
    this.progress = progress;
  }

  /**
   * Trains on documents, which are read once.
   *
   * @return a tokenizer of the size asked for, or a smaller one where the documents have no pair
   *     left to merge
   * @throws IllegalArgumentException if the documents have no text
   */
  public Tokenizer train(Iterable<String> documents) {
    PreTokenizer preTokenizer = PreTokenizer.ours();
    Map<String, long[]> counts = new HashMap<>();
    for (String document : documents) {
      for (String piece : preTokenizer.split(document)) {
        counts.computeIfAbsent(piece, unused -> new long[1])[0]++;
      }
    }
    if (counts.isEmpty()) {
      throw new IllegalArgumentException("there is no text to train a tokenizer on");
    }
    List<byte[]> spellings = new ArrayList<>();
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    int first = SpecialTokens.ALL.size();
    for (int b = 0; b < BYTES; b++) {
      spellings.add(new byte[] {(byte) b});
      vocabulary.put(String.valueOf(ByteAlphabet.letter(b)), first + b);
    }
    PairCounts pairs = new PairCounts(words(counts));
    List<TokenizerSpec.Merge> merges = new ArrayList<>();
    int total = vocabSize - first;
    while (spellings.size() < total) {
      PairCounts.Pair best = pairs.best();
      if (best == null) {
        break;
      }
      byte[] left = spellings.get(best.left());
      byte[] right = spellings.get(best.right());
      merges.add(new TokenizerSpec.Merge(ByteAlphabet.spell(left), ByteAlphabet.spell(right)));
      int token = spelling(spellings, vocabulary, concat(left, right), first);
      pairs.merge(best, token);
      if (spellings.size() % 64 == 0) {
        progress.update(spellings.size(), total);
      }
    }
    progress.update(total, total);
    List<TokenizerSpec.AddedToken> added = new ArrayList<>();
    for (int i = 0; i < first; i++) {
      added.add(
          new TokenizerSpec.AddedToken(
              i, SpecialTokens.ALL.get(i), /* special= */ true, /* normalized= */ false));
    }
    return new Tokenizer(
        new TokenizerSpec(
            vocabulary, merges, added, /* normalize= */ false, preTokenizer, List.of(), List.of()));
  }

  /** The token of a spelling: two different merges may spell the same. */
  private static int spelling(
      List<byte[]> spellings, Map<String, Integer> vocabulary, byte[] bytes, int first) {
    String name = ByteAlphabet.spell(bytes);
    Integer known = vocabulary.get(name);
    if (known != null) {
      return known - first;
    }
    spellings.add(bytes);
    vocabulary.put(name, first + spellings.size() - 1);
    return spellings.size() - 1;
  }

  /** Words as bytes with their counts, in an order that depends on nothing but the words. */
  private static List<PairCounts.Word> words(Map<String, long[]> counts) {
    List<PairCounts.Word> words = new ArrayList<>(counts.size());
    counts.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> {
          byte[] bytes = entry.getKey().getBytes(StandardCharsets.UTF_8);
          for (int start = 0; start < bytes.length; start += LONGEST_WORD) {
            int length = Math.min(LONGEST_WORD, bytes.length - start);
            int[] tokens = new int[length];
            for (int i = 0; i < length; i++) {
              tokens[i] = bytes[start + i] & 0xff;
            }
            words.add(new PairCounts.Word(tokens, entry.getValue()[0]));
          }
        });
    return words;
  }

  private static byte[] concat(byte[] left, byte[] right) {
    byte[] both = java.util.Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }
}

package io.millrace.benchmarks.experiment;

import io.millrace.language.tokenize.BpeTrainer;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.language.train.PackedBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A text as tokens, of which the first train and the rest validates.
 *
 * @param vocabulary number of different tokens
 */
record TokenCorpus(int vocabulary, int[] training, int[] validation) implements Corpus {

  private static final double TRAINING_SHARE = 0.9;
  private static final double WORDS_SHARE = 0.99;
  private static final int LEARNED_CHARACTERS = 8_000_000;
  private static final int EVALUATED_AT_ONCE = 1 << 14;

  /**
   * Reads tinyshakespeare.
   *
   * @throws IOException if it is not where {@code -Dmillrace.data} or the default says
   */
  static TokenCorpus tinyShakespeare() throws IOException {
    Path file =
        Path.of(
            System.getProperty("millrace.data", "../shared/data"), "tinyshakespeare", "input.txt");
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          "%s is missing: get it from github.com/karpathy/char-rnn and name the folder above it in MILLRACE_DATA"
              .formatted(file.toAbsolutePath().normalize()));
    }
    return ofCharacters(Files.readString(file, StandardCharsets.UTF_8));
  }

  /**
   * A text as characters, split as nanoGPT splits it: the first 90 % train. Ids are in the order of
   * code points.
   */
  static TokenCorpus ofCharacters(String text) {
    int[] points = text.codePoints().toArray();
    int[] alphabet = Arrays.stream(points).sorted().distinct().toArray();
    int[] ids = Arrays.stream(points).map(c -> Arrays.binarySearch(alphabet, c)).toArray();
    return split(alphabet.length, ids, TRAINING_SHARE);
  }

  private static TokenCorpus split(int vocabulary, int[] ids, double share) {
    int split = (int) (ids.length * share);
    return new TokenCorpus(
        vocabulary, Arrays.copyOf(ids, split), Arrays.copyOfRange(ids, split, ids.length));
  }

  /**
   * A text as parts of words, of a tokenizer that learns from the beginning of it; the first 99 %
   * train.
   *
   * @param vocabulary entries of the tokenizer
   */
  static TokenCorpus ofWords(String text, int vocabulary) {
    String beginning = text.substring(0, Math.min(text.length(), LEARNED_CHARACTERS));
    Tokenizer tokenizer = new BpeTrainer(vocabulary, (done, all) -> {}).train(List.of(beginning));
    return split(tokenizer.vocabSize(), tokenizer.encode(text), WORDS_SHARE);
  }

  @Override
  public PackedBatch sample(Random random, int rows, int block) {
    int[][] documents = new int[rows][];
    for (int i = 0; i < rows; i++) {
      int first = random.nextInt(training.length - block);
      documents[i] = Arrays.copyOfRange(training, first, first + block + 1);
    }
    return PackedBatch.of(documents);
  }

  @Override
  public List<PackedBatch> validationBatches(int block) {
    List<PackedBatch> batches = new ArrayList<>();
    List<int[]> rows = new ArrayList<>();
    for (int first = 0; first + 1 < validation.length; first += block) {
      rows.add(
          Arrays.copyOfRange(validation, first, Math.min(first + block + 1, validation.length)));
      if (rows.size() * (block + 1) >= EVALUATED_AT_ONCE) {
        batches.add(PackedBatch.of(rows.toArray(int[][]::new)));
        rows.clear();
      }
    }
    if (!rows.isEmpty()) {
      batches.add(PackedBatch.of(rows.toArray(int[][]::new)));
    }
    return batches;
  }
}

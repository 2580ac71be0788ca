package io.millrace.benchmarks.represent;

import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.TokenBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Passages of a long text, characters as tokens; the label is which of several stretches of the
 * text a passage is from. Every fifth passage is judged on.
 */
record Passages(int vocabulary, List<int[]> texts, List<Integer> labels) implements Documents {

  private static final int STRETCHES = 10;
  private static final int JUDGED = 5;

  /** Longer texts begin at every so many characters, so that places are not always the same. */
  private static final int SHIFT = 13;

  /**
   * Tinyshakespeare, whose plays follow one another.
   *
   * @param length characters of a passage
   * @param unlabelled those of the texts that encoders learn from, which hold nothing of what is
   *     judged on; 0: they learn from the passages
   */
  static LabelledSet shakespeare(Path folder, int length, int unlabelled) throws IOException {
    if (unlabelled < 0 || unlabelled > (JUDGED - 1) * length) {
      throw new IllegalArgumentException(
          "texts of %d characters do not fit between passages that are judged on: %d do"
              .formatted(unlabelled, (JUDGED - 1) * length));
    }
    int[] points = Files.readString(folder.resolve("input.txt")).codePoints().toArray();
    int[] alphabet = Arrays.stream(points).sorted().distinct().toArray();
    Passages training = new Passages(alphabet.length, new ArrayList<>(), new ArrayList<>());
    Passages test = new Passages(alphabet.length, new ArrayList<>(), new ArrayList<>());
    for (int first = 0; first + length <= points.length; first += length) {
      int[] text = new int[length];
      for (int i = 0; i < length; i++) {
        text[i] = Arrays.binarySearch(alphabet, points[first + i]);
      }
      Passages part = first / length % JUDGED == 0 ? test : training;
      part.texts.add(text);
      part.labels.add((int) ((long) first * STRETCHES / points.length));
    }
    return new LabelledSet(
        IntStream.range(1, STRETCHES + 1).mapToObj(i -> "stretch " + i).toList(),
        unlabelled == 0 ? training : training.joined(unlabelled),
        training,
        test);
  }

  /** Longer texts of the passages that lie between two that are judged on. */
  private Passages joined(int longer) {
    Passages texts = new Passages(vocabulary, new ArrayList<>(), new ArrayList<>());
    for (int first = 0; first + JUDGED - 1 <= size(); first += JUDGED - 1) {
      int[] all =
          this.texts.subList(first, first + JUDGED - 1).stream()
              .flatMapToInt(Arrays::stream)
              .toArray();
      for (int from = 0; from + longer <= all.length; from += SHIFT) {
        texts.texts.add(Arrays.copyOfRange(all, from, from + longer));
        texts.labels.add(labels.get(first));
      }
    }
    return texts;
  }

  @Override
  public int size() {
    return texts.size();
  }

  @Override
  public int label(int document) {
    return labels.get(document);
  }

  @Override
  public EncoderBatch batch(List<Integer> documents) {
    return TokenBatch.of(documents.stream().map(texts::get).toArray(int[][]::new));
  }

  /** How often each character is there. */
  @Override
  public float[] raw(int document) {
    float[] counts = new float[vocabulary];
    for (int id : texts.get(document)) {
      counts[id]++;
    }
    return counts;
  }
}

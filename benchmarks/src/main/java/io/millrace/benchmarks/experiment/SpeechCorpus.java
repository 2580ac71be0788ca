package io.millrace.benchmarks.experiment;

import io.millrace.language.train.PackedBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The speeches of a play as documents, which share packs in random order: neighbours in a pack have
 * nothing to say about each other, as in a stream of web pages.
 */
final class SpeechCorpus implements Corpus {

  private static final int PACKS_AT_ONCE = 64;
  private static final int SHUFFLE_SEED = 7;

  private final int vocabulary;
  private final List<int[]> training;
  private final List<int[]> validation;

  SpeechCorpus(TokenCorpus characters) {
    this.vocabulary = characters.vocabulary();
    this.training = speeches(characters.training());
    this.validation = speeches(characters.validation());
    Collections.shuffle(validation, new Random(SHUFFLE_SEED));
  }

  @Override
  public int vocabulary() {
    return vocabulary;
  }

  @Override
  public PackedBatch sample(Random random, int rows, int block) {
    List<List<int[]>> packs = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<int[]> pack = new ArrayList<>();
      int free = block;
      while (free > 1) {
        int[] speech = training.get(random.nextInt(training.size()));
        int[] fitting = Arrays.copyOf(speech, Math.min(free, speech.length));
        pack.add(fitting);
        free -= fitting.length;
      }
      packs.add(pack);
    }
    return batch(packs);
  }

  @Override
  public List<PackedBatch> validationBatches(int block) {
    List<PackedBatch> batches = new ArrayList<>();
    List<List<int[]>> packs = new ArrayList<>();
    List<int[]> pack = new ArrayList<>();
    int used = 0;
    for (int[] speech : validation) {
      if (used > 0 && used + speech.length > block) {
        packs.add(pack);
        pack = new ArrayList<>();
        used = 0;
        if (packs.size() == PACKS_AT_ONCE) {
          batches.add(batch(packs));
          packs.clear();
        }
      }
      pack.add(speech);
      used += speech.length;
    }
    packs.add(pack);
    batches.add(batch(packs));
    return batches;
  }

  /** Ends with the empty line that parts speeches. */
  private static List<int[]> speeches(int[] text) {
    // The line feed is the first character of the alphabet.
    int lineFeed = 0;
    List<int[]> speeches = new ArrayList<>();
    int first = 0;
    for (int i = 1; i < text.length; i++) {
      boolean ends = text[i - 1] == lineFeed && text[i] == lineFeed;
      if ((ends || i == text.length - 1) && i + 1 - first > 1) {
        speeches.add(Arrays.copyOfRange(text, first, i + 1));
        first = i + 1;
      }
    }
    return speeches;
  }

  private static PackedBatch batch(List<List<int[]>> packs) {
    int tokens = packs.stream().flatMap(List::stream).mapToInt(d -> d.length).sum();
    ByteBuffer ids =
        ByteBuffer.allocateDirect(tokens * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    List<Integer> documentStarts = new ArrayList<>();
    List<Integer> packStarts = new ArrayList<>();
    for (List<int[]> pack : packs) {
      packStarts.add(ids.position() / Integer.BYTES);
      for (int[] document : pack) {
        documentStarts.add(ids.position() / Integer.BYTES);
        for (int id : document) {
          ids.putInt(id);
        }
      }
    }
    documentStarts.add(tokens);
    packStarts.add(tokens);
    return new PackedBatch(ids.flip(), ints(documentStarts)).inPacks(ints(packStarts));
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}

package io.millrace.language.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DraftAcceptanceTest {

  private static final int VOCABULARY = 40;

  @TempDir Path directory;

  private final TensorEngine engine = TensorEngine.start("cpu");

  @Test
  void countsWhatAWalkOverTheLogitsCounts() throws IOException {
    int[][] documents = documents();
    PackedBatch batch = masked(PackedBatch.of(documents));
    List<DraftAcceptance> found;
    try (LanguageTrainer trainer = trained(2)) {
      found = trainer.acceptance(batch);
      trainer.save(directory);
    }

    List<DraftAcceptance> expected = List.of(DraftAcceptance.ZERO, DraftAcceptance.ZERO);
    try (Decoder decoder = ModelFolder.load(engine, directory)) {
      int first = 0;
      for (int[] document : documents) {
        expected = plus(expected, walk(decoder, document, requireNonNull(batch.lossMask()), first));
        first += document.length;
      }
    }
    assertThat(found).isEqualTo(expected);
    // Neither none nor all, so that both counts are put to the test.
    assertThat(found)
        .allSatisfy(k -> assertThat(k.accepted()).isBetween(1L, k.drafted() - 1))
        .extracting(DraftAcceptance::drafted)
        .containsExactly(batch.targets(2), batch.targets(3));
  }

  @Test
  void modelsWithoutMtpDraftNothing() throws IOException {
    try (LanguageTrainer trainer = trained(0)) {
      assertThat(trainer.acceptance(PackedBatch.of(documents()))).isEmpty();
    }
  }

  @Test
  void addsUp() {
    DraftAcceptance sum = new DraftAcceptance(3, 4).plus(new DraftAcceptance(0, 2));
    assertThat(sum).isEqualTo(new DraftAcceptance(3, 6));
    assertThat(sum.share()).isEqualTo(0.5, within(1e-12));
    assertThat(DraftAcceptance.ZERO.share()).isNaN();
  }

  /** One document by itself, place by place. */
  private List<DraftAcceptance> walk(
      Decoder decoder, int[] document, byte[] mask, int firstInBatch) {
    try (NDManager manager = engine.newManager()) {
      NDList logits =
          decoder.call(
              manager, false, "logits", manager.create(document), new long[] {0, document.length});
      List<DraftAcceptance> modules = new ArrayList<>();
      for (int k = 1; k < logits.size(); k++) {
        int accepted = 0;
        int drafted = 0;
        for (int t = 0; t + k + 1 < document.length; t++) {
          if (mask[firstInBatch + t + k + 1] != 0) {
            drafted++;
            if (likeliest(logits.get(k), t) == likeliest(logits.get(0), t + k)) {
              accepted++;
            }
          }
        }
        modules.add(new DraftAcceptance(accepted, drafted));
      }
      return modules;
    }
  }

  private static int likeliest(NDArray logits, int row) {
    float[] values = logits.get(row).toFloatArray();
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private static List<DraftAcceptance> plus(List<DraftAcceptance> a, List<DraftAcceptance> b) {
    List<DraftAcceptance> sums = new ArrayList<>();
    for (int k = 0; k < a.size(); k++) {
      sums.add(a.get(k).plus(b.get(k)));
    }
    return sums;
  }

  /** A model that has learned some of the documents, so that it agrees with itself at times. */
  private LanguageTrainer trained(int modules) throws IOException {
    ConfigFile.write(LanguageConfig.preset("nano", VOCABULARY, 0), directory);
    LanguageConfig config = ConfigFile.read(directory, Map.of("num_nextn_predict_layers", modules));
    LanguageTrainer trainer =
        LanguageTrainer.create(engine, config, LanguageTrainingSettings.deepSeek(), 3);
    PackedBatch batch = PackedBatch.of(documents());
    for (int step = 0; step < 12; step++) {
      trainer.step(batch, 3e-3);
    }
    return trainer;
  }

  private static int[][] documents() {
    Random random = new Random(5);
    int[][] documents = new int[6][];
    for (int i = 0; i < documents.length; i++) {
      int[] document = new int[i == 0 ? 2 : 10 + random.nextInt(20)];
      for (int t = 0; t < document.length; t++) {
        document[t] =
            t > 0 && random.nextInt(4) > 0
                ? (document[t - 1] * 7 + 3) % VOCABULARY
                : random.nextInt(VOCABULARY);
      }
      documents[i] = document;
    }
    return documents;
  }

  private static PackedBatch masked(PackedBatch batch) {
    byte[] mask = new byte[batch.tokens()];
    for (int t = 0; t < mask.length; t++) {
      mask[t] = (byte) (t % 7 == 0 ? 0 : 1);
    }
    ByteBuffer ids = batch.tokenIds();
    return new PackedBatch(ids, batch.documentStarts(), mask);
  }
}

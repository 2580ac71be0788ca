package io.millrace.encoder.represent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.millrace.encoder.encode.Context;
import io.millrace.encoder.encode.DecoderContext;
import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.GridContext;
import io.millrace.encoder.encode.GruContext;
import io.millrace.encoder.encode.NoContext;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.Pooling;
import io.millrace.encoder.encode.SmallEncoders;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.encoder.encode.TokenEncoder;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Norm;
import io.millrace.vision.picture.Picture;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernels of contrastive predictive coding in float64. */
class CpcKernelsTest {

  private static final int[][] TEXTS = {{3, 1, 4, 1, 5}, {9}, {2, 6, 5, 3, 5, 8, 9, 7}, {0, 10}};

  private static final KernelSource LOOK =
      new KernelSource(
          "look.py",
          """
          def look(objective: PredictionObjective, starts: List[int], each: int, like: Tensor) -> Tensor:
              places = Places(torch.unsqueeze(torch.arange(starts[-1]), 1), starts, each)
              return _drawn(objective, _spans(places))


          def context_of(network: EncoderNetwork, values: Tensor, starts: List[int]) -> Tensor:
              run = Run(False, [0])
              places = encoded(values, starts, network.encoder, unchanged(), run)
              return contexts(places, network.context, run)
          """);

  @ParameterizedTest
  @CsvSource({"MIXED, 0", "SAME, 0", "OTHER, 0", "MIXED, 0.3", "SAME, 0.3", "OTHER, 0.3"})
  void equalsThePapersFormulasNumberByNumber(Negatives negatives, double temperature) {
    Objective objective = new Objective(negatives, 0, temperature);
    LayerStyle plain = new LayerStyle(Activation.TANH, Norm.NONE, 1, /* bias= */ true);
    EncoderConfig config =
        new EncoderConfig(
            plain,
            new TokenEncoder(11, 3, List.of(4), List.of(2), List.of(2)),
            new GruContext(5, 1),
            Pooling.CONTEXT_LAST,
            3);
    try (DoubleNetwork network = new DoubleNetwork(config, 1.5, 3)) {
      assertThat(network.sums(objective, TokenBatch.of(TEXTS)))
          .containsExactly(new ScalarPrediction(network).sums(objective, 3, TEXTS), within(1e-10));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MIXED, 0, 0",
    "SAME, 0, 0.5",
    "OTHER, 0, 0",
    "MIXED, 5, 0",
    "SAME, 3, 0",
    "OTHER, 4, 0.5"
  })
  void gradientsOfTextsAreThoseOfFiniteDifferences(
      Negatives negatives, int count, double temperature) {
    for (Context context :
        List.of(new NoContext(), new GruContext(3, 2), new DecoderContext(2, 2, 4, 2, 4, 5))) {
      try (DoubleNetwork network = new DoubleNetwork(SmallEncoders.tokens(context, 3), 1, 4)) {
        Objective objective = new Objective(negatives, count, temperature);
        TokenBatch batch = TokenBatch.of(TEXTS);
        GradientCheck.standard()
            .compare(
                at -> network.loss(at, objective, batch),
                network.weights,
                network.gradients(objective, batch))
            .requireBelow(1e-6);
      }
    }
  }

  @Test
  void gradientsOfPicturesAreThoseOfFiniteDifferences() {
    PictureBatch batch = pictures(2);
    for (Context context : List.of(new GruContext(3, 1), new GridContext(4, 2))) {
      try (DoubleNetwork network = new DoubleNetwork(SmallEncoders.pictures(context, 2), 0.5, 4)) {
        for (Negatives negatives : Negatives.values()) {
          Objective objective = new Objective(negatives, 0, 0);
          GradientCheck check = new GradientCheck(1e-6, 12, 1);
          check
              .compare(
                  at -> network.loss(at, objective, batch),
                  network.weights,
                  network.gradients(objective, batch))
              .requireBelow(1e-5);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Negatives.class)
  void drawsNegativesFromWhereTheyMayBe(Negatives negatives) {
    // Two documents of two sequences each, then one: places 0-6, 7-8, 9-12.
    long[] starts = {0, 4, 7, 8, 9, 11, 13};
    int[] document = {0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2};
    try (DoubleNetwork network =
            new DoubleNetwork(SmallEncoders.tokens(new NoContext(), 1), 1, 4, LOOK);
        KernelValue objective =
            network.kernels.make(new Objective(negatives, 200, 0).tuple(9), new NDList());
        NDManager scratch = network.manager.newSubManager()) {
      long[] drawn =
          network
              .kernels
              .run(scratch, "look", objective, starts, 2, scratch.create(1.0))
              .singletonOrThrow()
              .toLongArray();
      for (int place = 0; place < document.length; place++) {
        int own = place;
        int[] wanted =
            IntStream.range(0, document.length)
                .filter(other -> other != own)
                .filter(other ->
                    switch (negatives) {
                      case MIXED -> true;
                      case SAME -> document[other] == document[own];
                      case OTHER -> document[other] != document[own];
                    })
                .toArray();
        long[] found = Arrays.copyOfRange(drawn, place * 200, (place + 1) * 200);
        assertThat(Arrays.stream(found).mapToInt(Math::toIntExact).distinct().sorted().toArray())
            .as("negatives of place %d", place)
            .isEqualTo(wanted);
      }
    }
  }

  @Test
  void aContextSeesNothingThatFollowsAndNothingOfOtherDocuments() {
    for (Context context :
        List.of(new NoContext(), new GruContext(3, 2), new DecoderContext(2, 2, 4, 2, 4, 5))) {
      try (DoubleNetwork network =
          new DoubleNetwork(SmallEncoders.tokens(context, 1), 1, 4, LOOK)) {
        double[] before = contexts(network, TokenBatch.of(TEXTS));
        int[][] changed = {{3, 1, 4, 1, 5}, {2}, {2, 6, 5, 3, 0, 8, 9, 7}, {0, 10}};
        double[] after = contexts(network, TokenBatch.of(changed));
        int width = before.length / 9;
        // Places: 3 of the first text, 1, 4, 1; what changed begins at places 3 and 6.
        List<Integer> differing =
            IntStream.range(0, 9)
                .filter(place ->
                    !Arrays.equals(
                        Arrays.copyOfRange(before, place * width, (place + 1) * width),
                        Arrays.copyOfRange(after, place * width, (place + 1) * width)))
                .boxed()
                .toList();
        assertThat(differing).containsExactly(3, 6, 7);
      }
    }
  }

  @Test
  void aGridsContextSeesItsRowAndThoseAbove() {
    try (DoubleNetwork network =
        new DoubleNetwork(SmallEncoders.pictures(new GridContext(4, 2), 1), 0.5, 4, LOOK)) {
      byte[] rgb = new byte[3 * 32 * 32];
      new Random(1).nextBytes(rgb);
      byte[] lower = rgb.clone();
      for (int i = 3 * 32 * 24; i < rgb.length; i++) {
        lower[i] ^= (byte) 0x55;
      }
      double[] before = contexts(network, PictureBatch.of(List.of(new Picture(32, 32, rgb))));
      double[] after = contexts(network, PictureBatch.of(List.of(new Picture(32, 32, lower))));
      int width = before.length / 9;
      for (int place = 0; place < 9; place++) {
        double[] one = Arrays.copyOfRange(before, place * width, (place + 1) * width);
        double[] other = Arrays.copyOfRange(after, place * width, (place + 1) * width);
        // Column by column: only the crops of the lowest row reach down to the changed pixels.
        if (place % 3 == 2) {
          assertThat(one).isNotEqualTo(other);
        } else {
          assertThat(one).containsExactly(other, within(1e-12));
        }
      }
    }
  }

  @Test
  void noBoundIsAboveTheLogarithmOfTheCandidates() {
    Random random = new Random(8);
    for (int trial = 0; trial < 30; trial++) {
      Objective objective =
          new Objective(
              Negatives.values()[trial % 3], trial % 2 == 0 ? 0 : 1 + random.nextInt(9), 0);
      try (DoubleNetwork network =
          new DoubleNetwork(
              SmallEncoders.tokens(new GruContext(3, 1), 3), 4 * random.nextDouble(), trial)) {
        TokenBatch batch = TokenBatch.of(TEXTS);
        PredictionSums sums =
            PredictionSums.of(network.pairs(batch).counts(), network.sums(objective, batch));
        for (int k = 0; k < sums.steps(); k++) {
          assertThat(sums.bound().get(k)).isLessThanOrEqualTo(sums.ceiling().get(k));
          assertThat(sums.accuracy().get(k)).isBetween(0.0, 1.0);
        }
      }
    }
  }

  private static double[] contexts(DoubleNetwork network, EncoderBatch batch) {
    try (KernelValue value = network.make(network.weights);
        NDManager scratch = network.manager.newSubManager()) {
      return network
          .kernels
          .run(scratch, "context_of", value, batch.values(scratch), batch.starts())
          .singletonOrThrow()
          .toDoubleArray();
    }
  }

  private static PictureBatch pictures(int count) {
    Random random = new Random(5);
    return PictureBatch.of(
        IntStream.range(0, count)
            .mapToObj(i -> {
              byte[] rgb = new byte[3 * 32 * 32];
              random.nextBytes(rgb);
              return new Picture(32, 32, rgb);
            })
            .toList());
  }
}

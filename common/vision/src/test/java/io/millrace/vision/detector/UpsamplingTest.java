package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.NetworkWeights;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.Upsampling;
import io.millrace.vision.network.Upsampling.Filter;
import io.millrace.vision.network.Upsampling.Interpolation;
import io.millrace.vision.network.Upsampling.SubPixel;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.train.DetectorStep;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import io.millrace.vision.train.SampleBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpsamplingTest {

  private static final DetectorConfig PLAIN =
      SmallDetectors.centerNet(
          List.of("a", "b"), 32, 32, List.of(4, 8, 12), List.of(1, 1), 8, 8, 4);
  private static final Upsampling BILINEAR = new Interpolation(2, Filter.BILINEAR);
  private static final Upsampling BICUBIC = new Interpolation(2, Filter.BICUBIC);

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final NDManager manager = engine.newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /** What a function of the kernel says of a picture. */
  private double[] run(
      String function, Upsampling upsampling, double lastBias, NDArray x, Object... more) {
    DetectorConfig config = PLAIN.withUpsampling(upsampling);
    NetworkWeights places = new NetworkWeights(config.layers());
    KernelTuple tuple = upsampling.tuple(places);
    NDList weights = new NDList();
    for (ParameterSpec spec : places.specs()) {
      double[] values = new double[(int) spec.count()];
      if (spec.name().equals("upsampling.last.bias")) {
        Arrays.setAll(values, i -> lastBias * i);
      }
      weights.add(manager.create(values, spec.shape()));
    }
    Kernels kernels = DetectorNetwork.kernels(engine, config);
    KernelTuple run =
        new KernelTuple("Run").flag("learning", false).numbers("branches", List.of(0));
    try (KernelValue up = kernels.make(tuple, weights);
        KernelValue how = kernels.make(run, new NDList())) {
      Object[] arguments = new Object[3 + more.length];
      arguments[0] = x;
      arguments[1] = up;
      System.arraycopy(more, 0, arguments, 2, more.length);
      arguments[2 + more.length] = how;
      NDArray found = kernels.run(manager, function, arguments).singletonOrThrow();
      return found.flatten().toDoubleArray(); // row by row, however it lies in memory
    }
  }

  private NDArray picture(int width, double... row) {
    double[] values = new double[3 * 2 * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = row[i % width];
    }
    return manager.create(values, new Shape(1, 3, 2, width));
  }

  @Test
  void interpolatesBetweenTheMiddlesOfPixels() {
    double[] linear = run("enlarged", BILINEAR, 0, picture(2, 0, 4));
    assertThat(linear).hasSize(3 * 4 * 4);
    assertThat(Arrays.copyOf(linear, 4)).containsExactly(new double[] {0, 1, 3, 4}, within(1e-12));
    // Keys' cubic of -0.75 at a quarter: weights of the four nearest, of which outer ones repeat.
    double[] far = {-0.10546875, 0.87890625, 0.26171875, -0.03515625};
    double[] cubic = run("enlarged", BICUBIC, 0, picture(4, 1, 2, 4, 8));
    assertThat(cubic[2])
        .isCloseTo(far[3] * 1 + far[2] * 1 + far[1] * 2 + far[0] * 4, within(1e-12));
    assertThat(cubic[3])
        .isCloseTo(far[0] * 1 + far[1] * 2 + far[2] * 4 + far[3] * 8, within(1e-12));
  }

  /** The last layer's channels are sub-pixels, row by row, of one colour after the other. */
  @Test
  void addsSubPixelsToTheInterpolation() {
    NDArray x = picture(4, 0.1, -0.2, 0.4, 0.8);
    SubPixel learned = new SubPixel(2, 2, 1);
    double[] plain = run("enlarged", BICUBIC, 0, x);
    assertThat(run("enlarged", learned, 0, x)).as("at first").containsExactly(plain, within(1e-12));
    double[] moved = run("enlarged", learned, 1, x);
    for (int i = 0; i < plain.length; i++) {
      int colour = i / (4 * 8);
      int row = i / 8 % 4;
      int column = i % 8;
      assertThat(moved[i] - plain[i])
          .isCloseTo(4 * colour + 2 * (row % 2) + column % 2, within(1e-12));
    }
  }

  @Test
  void restoresWhatWasMadeSmall() {
    Random random = new Random(3);
    int side = 8;
    double[] pixels = random.doubles(2 * 3 * side * side, -1, 1).toArray();
    NDArray x = manager.create(pixels, new Shape(2, 3, side, side));
    double[] small = new double[2 * 3 * 16];
    for (int i = 0; i < pixels.length; i++) {
      int map = i / (side * side);
      int row = i / side % side;
      small[map * 16 + row / 2 * 4 + i % side / 2] += pixels[i] / 4;
    }
    double[] restored =
        run("enlarged", new SubPixel(2, 2, 1), 0.01, manager.create(small, new Shape(2, 3, 4, 4)));
    double sum = 0;
    for (int i = 0; i < pixels.length; i++) {
      sum += (restored[i] - pixels[i]) * (restored[i] - pixels[i]) / (3 * side * side);
    }
    assertThat(run("restoring_loss", new SubPixel(2, 2, 1), 0.01, x, 5.0)[0])
        .as("the share of two of five pictures")
        .isCloseTo(sum / 5, within(1e-12));
  }

  @Test
  void gradientsAreThoseOfFiniteDifferences() {
    LayerStyle smooth = new LayerStyle(Activation.SILU, Norm.GROUP, 4, /* bias= */ false);
    DetectorConfig config =
        SmallDetectors.withLayers(PLAIN.withInput(List.of("a", "b"), 16, 16), smooth)
            .withUpsampling(new SubPixel(2, 4, 0.7));
    try (DetectorGradients gradients =
        new DetectorGradients(
            engine, DetectorNetwork.kernels(engine, config), config, /* pictures= */ 2, 0.1)) {
      NDArray objects =
          gradients.rows(new double[] {0, 1, 4.6, 8.2, 5.5, 6.5}, new double[] {1, 0, 9, 5, 7, 6});
      assertThat(gradients.counts(objects, gradients.rows())).endsWith(2);
      gradients.check(new GradientCheck(1e-6, 6, 1), 1e-4, objects, gradients.rows());
    }
  }

  /** Strides count in pixels of the picture; everything else is as if it were larger. */
  @Test
  void findsBoxesInPixelsOfThePicture() {
    DetectorConfig config = PLAIN.withInput(List.of("a", "b"), 16, 16).withUpsampling(BICUBIC);
    assertThat(config.maps().getFirst().stride()).isEqualTo(2);
    assertThat(DetectorFields.of(config).maps().getFirst().field().jump()).isEqualTo(2);
    Picture picture = Picture.filled(16, 16, 110, 110, 110);
    for (int y = 4; y < 10; y++) {
      Arrays.fill(picture.rgb(), 3 * (16 * y + 5), 3 * (16 * y + 12), (byte) 230);
    }
    SampleBatch batch =
        SampleBatch.of(
            List.of(picture),
            List.of(List.of(new LabelledBox(new Box(5, 4, 7, 6), 1, /* crowd= */ false))));
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine, config, DetectorTrainingSettings.standard(), 1)) {
      for (int i = 0; i < 80; i++) {
        trainer.step(batch, 5e-3);
      }
      assertThat(trainer.detect(batch, 0.3, 10).getFirst())
          .anyMatch(one -> one.classIndex() == 1 && one.box().iou(new Box(5, 4, 7, 6)) > 0.6);
    }
  }

  @Test
  void learnsToRestoreIsSavedAndCounted(@TempDir Path directory) throws IOException {
    DetectorConfig config = PLAIN.withUpsampling(new SubPixel(2, 8, 1));
    Picture picture = Picture.filled(32, 32, 20, 20, 20);
    for (int i = 0; i < 32 * 32; i++) {
      // Stripes of two pixels, which interpolation blurs once they are one.
      Arrays.fill(picture.rgb(), 3 * i, 3 * i + 3, (byte) (i / 2 % 2 == 0 ? 20 : 230));
    }
    SampleBatch one = SampleBatch.of(List.of(picture), List.of(List.of()));
    SampleBatch two = SampleBatch.of(List.of(picture, picture), List.of(List.of(), List.of()));
    try (DetectorTrainer trainer =
        DetectorTrainer.create(engine, config, DetectorTrainingSettings.standard(), 1)) {
      double before = restoring(trainer, one);
      DetectorStep step = trainer.step(List.of(one, two), 2e-3);
      assertThat(step.losses().parts().keySet()).containsExactlyElementsOf(config.losses());
      for (int i = 0; i < 40; i++) {
        trainer.step(List.of(one, two), 2e-3);
      }
      double after = restoring(trainer, one);
      assertThat(after).isLessThan(0.9 * before);
      assertThat(restoring(trainer, two)).isCloseTo(after, within(1e-5));
      trainer.save(directory);
      try (DetectorTrainer resumed =
          DetectorTrainer.restore(engine, directory, DetectorTrainingSettings.standard())) {
        assertThat(resumed.config()).isEqualTo(config);
        assertThat(restoring(resumed, one)).isEqualTo(after);
      }
    }
    DetectorPlan plan = DetectorPlan.of(engine, config);
    assertThat(plan.multiplyAdds())
        .containsEntry("upsampling", 32L * 32 * (75 * 16 + 9 * 16 * 8 + 9 * 8 * 12));
    assertThat(plan.multiplyAdds().get("backbone"))
        .isEqualTo(4 * DetectorPlan.of(engine, PLAIN).multiplyAdds().getOrDefault("backbone", -1L));
  }

  private static double restoring(DetectorTrainer trainer, SampleBatch batch) {
    return trainer.evaluate(batch).parts().getOrDefault("restoring_loss", -1.0);
  }

  @Test
  void refusesFactorsThatDoNotFit() {
    assertThatThrownBy(() -> new Interpolation(1, Filter.BICUBIC)).hasMessageContaining("not 1");
    assertThatThrownBy(() -> new Interpolation(5, Filter.BICUBIC)).hasMessageContaining("not 5");
    assertThatThrownBy(() -> new SubPixel(2, 0, 1)).hasMessageContaining("0 channels");
    assertThatThrownBy(() -> new SubPixel(2, 8, -1)).hasMessageContaining("weight");
    assertThatThrownBy(() -> PLAIN.withUpsampling(new Interpolation(3, Filter.BILINEAR)))
        .hasMessageContaining("enlarged 3 times have no pixels of their own for a map of stride 4");
  }
}

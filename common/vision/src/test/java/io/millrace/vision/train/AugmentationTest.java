package io.millrace.vision.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorNetwork;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {

  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;

  private final TensorEngine engine = TensorEngine.start("cpu");

  /** Bright pixels of the picture that the kernel makes lie where the moved box says. */
  @ParameterizedTest
  @CsvSource({
    "false, false, 1, 0, 0",
    "true, false, 1, 0, 0",
    "false, true, 1, 0, 0",
    "false, false, 1.25, 7, -4",
    "true, false, 0.8, -9, 5",
    "true, true, 0.8, -9, 5",
    "true, false, 1.1, 30, 0"
  })
  void pixelsAndBoxesMoveAlike(
      boolean flip, boolean upsideDown, double scale, double shiftX, double shiftY) {
    Augmentation change = new Augmentation(flip, upsideDown, scale, shiftX, shiftY, 1, 0);
    Box box = new Box(50, 20, 24, 16);
    float[] values = new float[3 * WIDTH * HEIGHT];
    java.util.Arrays.fill(values, -1);
    for (int c = 0; c < 3; c++) {
      for (int y = 20; y < 36; y++) {
        for (int x = 50; x < 74; x++) {
          values[(c * HEIGHT + y) * WIDTH + x] = 1;
        }
      }
    }
    Kernels kernels = augmented();
    try (NDManager manager = engine.newManager()) {
      NDArray moved =
          kernels
              .run(
                  manager,
                  "in_order",
                  manager.create(values, new Shape(1, 3, HEIGHT, WIDTH)),
                  manager.create(change.affine(WIDTH, HEIGHT), new Shape(1, 2, 3)),
                  manager.create(new float[] {1, 0}, new Shape(1, 2)))
              .singletonOrThrow();
      float[] pixels = moved.toFloatArray();
      double left = WIDTH;
      double right = 0;
      double top = HEIGHT;
      double bottom = 0;
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          if (pixels[y * WIDTH + x] > 0.1) {
            left = Math.min(left, x);
            right = Math.max(right, x + 1);
            top = Math.min(top, y);
            bottom = Math.max(bottom, y + 1);
          }
        }
      }
      Box there =
          change.apply(List.of(new LabelledBox(box, 0, false)), WIDTH, HEIGHT, 0).getFirst().box();
      assertThat(left).isCloseTo(there.x(), within(1.0));
      assertThat(right).isCloseTo(there.right(), within(1.0));
      assertThat(top).isCloseTo(there.y(), within(1.0));
      assertThat(bottom).isCloseTo(there.bottom(), within(1.0));
    } finally {
      kernels.close();
    }
  }

  /** Turned, sheared and moved, each picture in its own way. */
  @Test
  void placesAreThoseOfLibtorch() {
    double[] affines = {0.9, -0.4, 0.1, 0.3, 1.1, -0.2, -1, 0, 0, 0, 1, 0};
    try (Kernels kernels = augmented();
        NDManager manager = engine.newManager()) {
      NDList found =
          kernels.run(
              manager, "places", manager.create(affines, new Shape(2, 2, 3)), HEIGHT, WIDTH);
      assertThat(found.get(0).getShape()).isEqualTo(new Shape(2, HEIGHT, WIDTH, 2));
      assertThat(found.get(0).toDoubleArray())
          .containsExactly(found.get(1).toDoubleArray(), within(1e-14));
    }
  }

  /** In values of [-1, 1]: first the gain, then the bias, then cut to the range. */
  @ParameterizedTest
  @CsvSource({"1, 0, 0.5", "1.2, 0, 0.6", "0.8, 0.2, 0.6", "1, -0.2, 0.3", "1.2, 0.6, 1"})
  void gainAndBiasChangeTheTones(float gain, float bias, float expected) {
    float[] values = new float[3 * WIDTH * HEIGHT];
    java.util.Arrays.fill(values, 0.5f);
    Augmentation none = Augmentation.NONE;
    try (Kernels kernels = augmented();
        NDManager manager = engine.newManager()) {
      float[] toned =
          kernels
              .run(
                  manager,
                  "in_order",
                  manager.create(values, new Shape(1, 3, HEIGHT, WIDTH)),
                  manager.create(none.affine(WIDTH, HEIGHT), new Shape(1, 2, 3)),
                  manager.create(new float[] {gain, bias}, new Shape(1, 2)))
              .singletonOrThrow()
              .toFloatArray();
      // The middle: at the edges the picture fades into what is outside.
      assertThat(toned[HEIGHT / 2 * WIDTH + WIDTH / 2]).isCloseTo(expected, within(1e-6f));
    }
  }

  /** Those that ask for no vertical flip go on as they were before there was one. */
  @Test
  void verticalFlipsAreDrawnLast() {
    AugmentationSettings standard = AugmentationSettings.standard();
    int turned = 0;
    for (int step = 0; step < 200; step++) {
      Augmentation plain = Augmentation.of(standard, WIDTH, HEIGHT, 5, step, 3);
      Augmentation with =
          Augmentation.of(standard.withVerticalFlip(0.5), WIDTH, HEIGHT, 5, step, 3);
      assertThat(plain.upsideDown()).isFalse();
      assertThat(with.affine(WIDTH, HEIGHT)[0]).isEqualTo(plain.affine(WIDTH, HEIGHT)[0]);
      assertThat(with.bias()).isEqualTo(plain.bias());
      turned += with.upsideDown() ? 1 : 0;
    }
    assertThat(turned).isBetween(60, 140);
  }

  private Kernels augmented() {
    return Kernels.compile(
        engine,
        KernelSource.of(DetectorNetwork.class, "augment.py"),
        new KernelSource(
            "in_order.py",
            """
            def in_order(x: Tensor, affine: Tensor, tones: Tensor) -> Tensor:
                return torch.contiguous(augmented(x, affine, tones))


            def places(affine: Tensor, height: int, width: int) -> List[Tensor]:
                by_product = torch.affine_grid_generator(affine, [torch.size(affine, 0), 3, height, width], False)
                return [torch.contiguous(_sources(affine, height, width)), by_product]
            """));
  }

  @Test
  void ignoresObjectsOfWhichTooLittleIsSeen() {
    Augmentation change = new Augmentation(false, false, 1, 20, 0, 1, 0);
    List<LabelledBox> boxes =
        List.of(
            new LabelledBox(new Box(70, 10, 10, 10), 0, false),
            new LabelledBox(new Box(60, 10, 20, 10), 1, false),
            new LabelledBox(new Box(72, 10, 10, 10), 2, false),
            new LabelledBox(new Box(85, 10, 10, 10), 3, false));
    List<LabelledBox> moved = change.apply(boxes, WIDTH, HEIGHT, 0.5);
    assertThat(moved).extracting(LabelledBox::classIndex).containsExactly(0, 1, 2);
    assertThat(moved).extracting(LabelledBox::crowd).containsExactly(false, false, true);
    assertThat(moved.get(0).box()).isEqualTo(new Box(90, 10, 6, 10));
    assertThat(moved.get(1).box()).isEqualTo(new Box(80, 10, 16, 10));
  }

  @Test
  void dependsOnSeedStepAndPositionAlone() {
    AugmentationSettings settings = AugmentationSettings.standard();
    Augmentation one = Augmentation.of(settings, WIDTH, HEIGHT, 5, 17, 3);
    assertThat(Augmentation.of(settings, WIDTH, HEIGHT, 5, 17, 3)).isEqualTo(one);
    assertThat(Augmentation.of(settings, WIDTH, HEIGHT, 6, 17, 3)).isNotEqualTo(one);
    assertThat(Augmentation.of(settings, WIDTH, HEIGHT, 5, 18, 3)).isNotEqualTo(one);
    assertThat(Augmentation.of(settings, WIDTH, HEIGHT, 5, 17, 4)).isNotEqualTo(one);
    int flips = 0;
    double highest = 0;
    for (int i = 0; i < 2000; i++) {
      Augmentation change = Augmentation.of(settings, WIDTH, HEIGHT, 5, i, 0);
      flips += change.flip() ? 1 : 0;
      assertThat(change.scale()).isBetween(0.8, 1.25);
      assertThat(Math.abs(change.shiftX())).isLessThanOrEqualTo(9.6);
      assertThat(Math.abs(change.shiftY())).isLessThanOrEqualTo(6.4);
      assertThat(change.gain()).isBetween(0.8, 1.2);
      assertThat(change.bias()).isBetween(-0.2, 0.2); // a tenth of a range of two
      highest = Math.max(highest, change.bias());
    }
    assertThat(flips).isBetween(900, 1100);
    assertThat(highest).isGreaterThan(0.19);
    assertThat(Augmentation.of(AugmentationSettings.none(), WIDTH, HEIGHT, 5, 17, 3))
        .isEqualTo(new Augmentation(false, false, 1, 0, 0, 1, 0));
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    assertThatThrownBy(() -> new AugmentationSettings(2, 0, 1, 1, 0, 0, 0, 0))
        .hasMessageContaining("2.0");
    assertThatThrownBy(() -> new AugmentationSettings(0, 0, 2, 1, 0, 0, 0, 0))
        .hasMessageContaining("range of scales");
  }
}

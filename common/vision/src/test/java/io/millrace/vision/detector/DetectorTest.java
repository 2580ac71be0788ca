package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.train.AugmentationSettings;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import io.millrace.vision.train.SampleBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectorTest {

  private static final DetectorConfig CONFIG =
      SmallDetectors.centerNet(
          List.of("a", "b"), 64, 32, List.of(8, 8, 16), List.of(1, 0), 8, 8, 8);

  private final TensorEngine engine = TensorEngine.start("cpu");

  @TempDir Path directory;

  @BeforeEach
  void save() throws IOException {
    try (DetectorNetwork network = DetectorNetwork.create(engine, CONFIG, 11);
        NDManager manager = engine.newManager()) {
      // Boxes have a size before anything is learned.
      network.weights().load("head.box.bias", manager.create(new float[] {0.5f, 0.5f, 4, 3}));
      network.save(directory);
    }
  }

  /** Stripes, so that the heat maps are not flat. */
  private static Picture stripes(int width, int height, int period) {
    Picture picture = Picture.filled(width, height, 20, 90, 200);
    for (int at = 0; at < picture.rgb().length; at += 3 * period) {
      picture.rgb()[at] = (byte) 250;
    }
    return picture;
  }

  @Test
  void givesBoxesInsideOfEachPictureBestFirst() throws IOException {
    try (Detector detector = Detector.load(engine, directory)) {
      assertThat(detector.config()).isEqualTo(CONFIG);
      List<Picture> pictures = List.of(stripes(200, 400, 7), stripes(31, 9, 3));
      List<List<Detection>> found = detector.detect(pictures, 0, 20);
      assertThat(found).hasSize(2);
      for (int i = 0; i < 2; i++) {
        Picture picture = pictures.get(i);
        assertThat(found.get(i)).isNotEmpty().hasSizeLessThanOrEqualTo(20);
        assertThat(found.get(i)).extracting(one -> -one.score()).isSorted();
        for (Detection one : found.get(i)) {
          assertThat(one.box().clip(picture.width(), picture.height())).isEqualTo(one.box());
          assertThat(one.label()).isEqualTo(CONFIG.classes().get(one.classIndex()));
        }
      }
      assertThat(detector.detect(pictures.getFirst(), 0.99, 20)).isEmpty();
      assertThat(detector.detect(List.of(), 0.5, 20)).isEmpty();
      assertThatThrownBy(() -> detector.detect(pictures, 1.5, 20)).hasMessageContaining("1.5");
      assertThatThrownBy(() -> detector.detect(pictures, 0.5, 0)).hasMessageContaining("0");
    }
  }

  @Test
  void answersTheSameWhileAnotherThreadTrains() throws Exception {
    Picture picture = stripes(64, 32, 5);
    try (Detector detector = Detector.load(engine, directory);
        DetectorTrainer trainer =
            DetectorTrainer.create(
                engine,
                CONFIG,
                DetectorTrainingSettings.standard().withAugmentation(AugmentationSettings.none()),
                1)) {
      List<Detection> alone = detector.detect(picture, 0, 10);
      AtomicBoolean ended = new AtomicBoolean();
      List<Double> losses = new ArrayList<>();
      Thread training =
          Thread.ofPlatform()
              .start(() -> {
                SampleBatch batch =
                    SampleBatch.of(
                        List.of(stripes(64, 32, 9)),
                        List.of(List.of(new LabelledBox(new Box(5, 5, 20, 20), 1, false))));
                for (int i = 0; i < 60; i++) {
                  losses.add(trainer.step(batch, 4e-3).loss());
                }
                ended.set(true);
              });
      int answers = 0;
      while (training.isAlive()) {
        assertThat(detector.detect(picture, 0, 10)).isEqualTo(alone);
        answers++;
      }
      training.join();
      assertThat(ended).isTrue();
      assertThat(answers).isPositive();
      assertThat(losses).hasSize(60);
      assertThat(losses.getLast()).isLessThan(losses.getFirst() / 2);
    }
  }

  @Test
  void saysWhatIsWrongWithAModelFolder() throws IOException {
    Path config = directory.resolve("config.json");
    String good = Files.readString(config);
    Files.writeString(config, good.replaceFirst("\"width\" : 8", "\"width\" : 16"));
    assertThatThrownBy(() -> Detector.load(engine, directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining("neck.lateral1.weight")
        .hasMessageContaining("config.json asks for (16, 8, 1, 1)"); // before it is allocated
    Files.writeString(config, good.replaceFirst("\"width\" : 8", "\"width\" : 9"));
    assertThatThrownBy(() -> Detector.load(engine, directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining("9 channels");
    Files.writeString(config, good.replaceFirst(",\\s*\"width\" : 8", ""));
    assertThatThrownBy(() -> Detector.load(engine, directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("width");
    Files.writeString(config, good.replaceFirst("\"width\"", "\"depth\" : 8, \"width\""));
    assertThatThrownBy(() -> Detector.load(engine, directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("depth");
    Files.writeString(config, good);
    Files.delete(directory.resolve("model.safetensors"));
    assertThatThrownBy(() -> Detector.load(engine, directory))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("model.safetensors");
  }

  @Test
  void presetsFitTheirNames() {
    assertThat(count("nano")).isEqualTo(396_618);
    assertThat(count("micro")).isEqualTo(1_896_162);
    assertThatThrownBy(() -> count("giant")).hasMessageContaining("nano, micro");
    assertThatThrownBy(() -> DetectorPresets.of("nano", List.of("a"), 100, 128))
        .hasMessageContaining("100 pixels is not a multiple of 16");
    assertThatThrownBy(() -> DetectorPresets.of("nano", List.of("a", "a"), 128, 128))
        .hasMessageContaining("named twice");
  }

  private static long count(String preset) {
    return DetectorLayout.of(
            DetectorPresets.of(preset, List.of("1", "2", "3", "4", "5", "6"), 128, 128))
        .specs()
        .stream()
        .mapToLong(spec -> spec.count())
        .sum();
  }
}

package io.millrace.training.task.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.store.FileObjectStore;
import io.millrace.platform.store.ImportedWeights;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectStore;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Start;
import io.millrace.training.task.TaskContext;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorConfigFile;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.network.ResNetBackbone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Runs whose backbone begins with imported weights. */
class BackboneWeightsTest {

  private static final DatasetEntry CELLS =
      new DatasetEntry("cells", new Content.Pictures(64, 64, List.of("a")), 5, Instant.EPOCH);

  private final TensorEngine engine = TensorEngine.start("cpu");

  @TempDir Path directory;

  private Preset preset = new Preset("none", null, 1, 1);

  /** One stage of ResNet-18, so that files are small. */
  @BeforeEach
  void writePreset() throws IOException {
    DetectorConfig large = DetectorPresets.of("centernet-r18", List.of("a"), 64, 64);
    DetectorConfig small =
        new DetectorConfig(
            large.architecture(),
            large.classes(),
            64,
            64,
            large.layers(),
            new ResNetBackbone(18, false, 1),
            large.neck(),
            large.head());
    Path folder = Files.createDirectories(directory.resolve("preset"));
    try (DetectorNetwork network = DetectorNetwork.create(engine, small, 1)) {
      network.saveConfig(folder);
    }
    preset = new Preset("small", folder, 4, 1e-4);
  }

  private DetectionTask task() throws IOException {
    return new DetectionTask(
        new Binder(new MapConfigurationPropertySource(Map.of()))
            .bindOrCreate("", Bindable.of(TrainingProperties.class)),
        context("").objects());
  }

  private static DetectionOptions options(String weights) {
    return new DetectionOptions(1, 0, 0, 1, 0, 0, 0, 0, "", 0, 0, 0, weights, "", "");
  }

  private TaskContext<DetectionOptions> context(String weights) throws IOException {
    ObjectStore objects = new FileObjectStore(directory.resolve("objects"));
    return new TaskContext<>(engine, CELLS, options(weights), objects, /* steps= */ 10);
  }

  @Test
  void aRunBeginsWithThem() throws IOException {
    Path plain = directory.resolve("plain");
    try (DetectionTraining training = task().open(context(""), new Start.Fresh(preset, 1))) {
      training.save(plain);
    }
    Path file = directory.resolve("r18.safetensors");
    try (NDManager manager = engine.newManager();
        SafetensorsFile tensors = SafetensorsFile.open(plain.resolve("model.safetensors"))) {
      Map<String, NDArray> theirs = new LinkedHashMap<>();
      tensors
          .loadAll(manager)
          .forEach((name, value) -> {
            if (name.startsWith("backbone.")) {
              theirs.put(name.substring("backbone.".length()), value.add(1f));
            }
          });
      SafetensorsWriter.write(file, theirs, Map.of());
      context("r18")
          .objects()
          .put(ImportedWeights.key("r18"), Files.readAllBytes(file), ObjectStore.IfPresent.FAIL);
      Path begun = directory.resolve("begun");
      try (DetectionTraining training = task().open(context("r18"), new Start.Fresh(preset, 1))) {
        training.save(begun);
      }
      try (SafetensorsFile saved = SafetensorsFile.open(begun.resolve("model.safetensors"))) {
        assertThat(saved.load(manager, "backbone.conv1.weight").toFloatArray())
            .isEqualTo(tensors.load(manager, "backbone.conv1.weight").add(1f).toFloatArray());
        assertThat(saved.load(manager, "neck.smooth.conv.weight").toFloatArray())
            .isEqualTo(tensors.load(manager, "neck.smooth.conv.weight").toFloatArray());
      }
    }
  }

  /** They may fit, and be read another time. */
  @Test
  void doesNotRefuseThemForAFaultOfTheFileSystem() throws IOException {
    Path unreadable = Path.of("/sys/bus/platform/drivers_probe");
    assumeTrue(Files.isRegularFile(unreadable), "no file that nobody may read");
    Path stored = Files.createDirectories(directory.resolve("objects/weights/r18"));
    Path weights = Files.write(stored.resolve(ImportedWeights.FILE), new byte[8]);
    ObjectStore objects = context("r18").objects();
    DetectorConfig config = DetectorConfigFile.read(Objects.requireNonNull(preset.folder()));
    ObjectStore failing =
        (ObjectStore)
            Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("materialise")) {
                    // After it was found, and before it is opened.
                    Files.delete(weights);
                    Files.createSymbolicLink(weights, unreadable);
                    return Materialised.lasting(stored);
                  }
                  return method.invoke(objects, arguments);
                });

    assertThatThrownBy(() -> new BackboneFile(failing, "r18").requireFits(config, "small"))
        .isInstanceOf(UncheckedIOException.class)
        .cause()
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(weights.toString());
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    assertThatThrownBy(() -> task().open(context("r18"), new Start.Fresh(preset, 1)))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("there are no weights 'r18'");
    assertThatThrownBy(() -> options("https://elsewhere/r18"))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("backbone_weights");
    DetectionOptions options = options("r18");
    assertThatThrownBy(() -> task().requireSuitable(preset, CELLS, options))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("there are no weights 'r18'");
    assertThatThrownBy(() -> task().requireSuitable(task().preset("nano"), CELLS, options))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("does not go with preset nano")
        .hasMessageContaining("resnet and vgg16");
  }
}

package io.millrace.vision.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.vision.network.Backbone;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Norm;
import io.millrace.vision.network.ResNetBackbone;
import io.millrace.vision.network.TridentBackbone;
import io.millrace.vision.network.VggBackbone;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedWeightsTest {

  private static final DetectorConfig PLAIN =
      SmallDetectors.centerNet(List.of("a"), 32, 32, List.of(4, 4, 8), List.of(1, 0), 8, 8, 4);
  private static final LayerStyle BATCH =
      new LayerStyle(Activation.RELU, Norm.BATCH, 4, /* bias= */ false);
  private static final ResNetBackbone RESNET = new ResNetBackbone(18, false, 1);

  private final TensorEngine engine = TensorEngine.start("cpu");

  @TempDir Path directory;

  private static DetectorConfig with(Backbone backbone) {
    return SmallDetectors.withLayers(SmallDetectors.withBackbone(PLAIN, backbone), BATCH);
  }

  /** A file as torchvision's, of random numbers, with a classifier. */
  private Path file(NDManager manager, Map<String, Shape> changed) throws IOException {
    Random random = new Random(8);
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (ParameterSpec spec : DetectorLayout.of(with(RESNET)).specs()) {
      if (spec.name().startsWith("backbone.")) {
        shapes.put(spec.name().substring("backbone.".length()), spec.shape());
      }
    }
    shapes.put("fc.weight", new Shape(10, 512));
    shapes.put("layer3.0.conv1.weight", new Shape(256, 128, 3, 3));
    shapes.putAll(changed);
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> {
      float[] values = new float[(int) shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat();
      }
      tensors.put(name, manager.create(values, shape));
    });
    tensors.put("bn1.num_batches_tracked", manager.zeros(new Shape(1), DataType.INT64));
    Path file = directory.resolve("weights.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());
    return file;
  }

  @Test
  void overwritesTheBackboneAlone() throws IOException {
    try (NDManager manager = engine.newManager();
        DetectorNetwork network = DetectorNetwork.create(engine, with(RESNET), 3);
        DetectorNetwork before = DetectorNetwork.create(engine, with(RESNET), 3)) {
      Path file = file(manager, Map.of());
      PublishedWeights.load(engine, network, file);
      try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
        for (ParameterSpec spec : network.weights().specs()) {
          float[] found = network.weights().get(spec.name()).toFloatArray();
          if (spec.name().startsWith("backbone.")) {
            String theirs = spec.name().substring("backbone.".length());
            assertThat(found).isEqualTo(tensors.load(manager, theirs).toFloatArray());
          } else {
            assertThat(found).isEqualTo(before.weights().get(spec.name()).toFloatArray());
          }
        }
      }
      try (DetectorTrainer trainer =
          DetectorTrainer.pretrained(
              engine, with(RESNET), DetectorTrainingSettings.standard(), 3, file)) {
        trainer.save(directory.resolve("model"));
      }
      try (DetectorNetwork saved = DetectorNetwork.load(engine, directory.resolve("model"))) {
        String name = "backbone.layer1.1.bn2.running_var";
        assertThat(saved.weights().get(name).toFloatArray())
            .isEqualTo(network.weights().get(name).toFloatArray());
      }
    }
  }

  @Test
  void everyBranchBeginsWithThem() throws IOException {
    Backbone trident =
        new TridentBackbone(RESNET, 1, List.of(1, 2), /* shared= */ false, List.of(), false);
    try (NDManager manager = engine.newManager();
        DetectorNetwork network = DetectorNetwork.create(engine, with(trident), 3)) {
      PublishedWeights.load(engine, network, file(manager, Map.of()));
      assertThat(network.weights().get("backbone.layer1.branch0.1.conv1.weight").toFloatArray())
          .isEqualTo(
              network.weights().get("backbone.layer1.branch1.1.conv1.weight").toFloatArray());
    }
  }

  @Test
  void refusesWhatDoesNotFitAndLeavesTheModelAlone() throws IOException {
    try (NDManager manager = engine.newManager();
        DetectorNetwork network = DetectorNetwork.create(engine, with(RESNET), 3)) {
      float[] before = network.weights().get("backbone.conv1.weight").toFloatArray();
      requireRefused(network, file(manager, Map.of("layer1.1.bn2.bias", new Shape(65))), "65");
      requireRefused(
          network, file(manager, Map.of("layer1.2.conv1.weight", new Shape(2))), "layer1.2.conv1");
      Path broken = directory.resolve("broken.safetensors");
      Files.writeString(broken, "no tensors at all");
      requireRefused(network, broken, "broken.safetensors");
      SafetensorsWriter.write(broken, Map.of("fc.bias", manager.create(1f)), Map.of());
      requireRefused(network, broken, "lacks conv1.weight, bn1.weight, bn1.bias and 22 more");
      assertThatThrownBy(() -> PublishedWeights.load(engine, network, directory.resolve("none")))
          .isInstanceOf(NoSuchFileException.class);
      assertThat(network.weights().get("backbone.conv1.weight").toFloatArray()).isEqualTo(before);
    }
    assertThatThrownBy(() -> PublishedWeights.requireKnown(PLAIN))
        .hasMessageContaining("resnet and vgg16");
  }

  private void requireRefused(DetectorNetwork network, Path file, String reason) {
    assertThatThrownBy(() -> PublishedWeights.load(engine, network, file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason);
  }

  @Test
  void knowsWhatAClassifierHasBehindTheBackbone() {
    VggBackbone vgg = new VggBackbone(6, true);
    assertThat(vgg.published("backbone.features.28.weight")).isEqualTo("features.28.weight");
    assertThat(vgg.published("backbone.fc6.weight")).isEmpty();
    assertThat(vgg.leavesOut("classifier.6.bias")).isTrue();
    assertThat(vgg.leavesOut("pre_logits.fc1.weight")).isTrue();
    assertThat(vgg.leavesOut("features.30.weight")).isFalse();
    assertThat(RESNET.leavesOut("layer2.0.conv1.weight")).isTrue();
    assertThat(RESNET.leavesOut("layer1.5.conv1.weight")).isFalse();
    assertThat(RESNET.published("neck.smooth.conv.weight")).isEmpty();
  }
}

package io.millrace.vision.detector;

import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.TensorInfo;
import io.millrace.vision.network.Backbone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights of a classifier, trained on ImageNet, as those that a detector's backbone begins with: a
 * safetensors file with the names of torchvision or timm, which are the same for ResNet and VGG.
 */
public final class PublishedWeights {

  private static final int NAMED = 3;

  private PublishedWeights() {}

  /**
   * Checks that there are published weights for a backbone.
   *
   * @throws IllegalArgumentException if not
   */
  public static void requireKnown(DetectorConfig config) {
    List<ParameterSpec> specs = DetectorLayout.of(config).specs();
    if (wanted(config, specs).isEmpty()) {
      throw new IllegalArgumentException(
          "there are no published weights for this backbone: resnet and vgg16 have some");
    }
  }

  /**
   * Checks that a file has the tensors of a configuration's backbone, by name and shape, and none
   * besides but what a classifier has behind it.
   *
   * @throws IllegalArgumentException if it does not; the message names tensors
   */
  public static void requireFits(DetectorConfig config, SafetensorsFile tensors) {
    requireKnown(config);
    requireFit(tensors, config.backbone(), wanted(config, DetectorLayout.of(config).specs()));
  }

  /**
   * Overwrites the backbone's weights, or none at all: every tensor is compared by name and shape
   * first. What a classifier has behind the backbone is left out.
   *
   * @throws IOException if the file is missing or broken, lacks a tensor, has one that the backbone
   *     does not know, or one of another shape; the message names file and tensors
   */
  public static void load(TensorEngine engine, DetectorNetwork network, Path file)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    try (SafetensorsFile tensors = SafetensorsFile.open(file);
        NDManager scratch = engine.newManager()) {
      requireFits(network.config(), tensors);
      Map<ParameterSpec, String> wanted = wanted(network.config(), network.weights().specs());
      for (Map.Entry<ParameterSpec, String> one : wanted.entrySet()) {
        try (NDManager inner = scratch.newSubManager()) {
          network.weights().load(one.getKey().name(), tensors.load(inner, one.getValue()));
        }
      }
    } catch (UncheckedIOException e) {
      throw SafetensorsFile.checked(e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Tensors that have published names: the backbone's, and those of a head that goes on with it.
   */
  private static Map<ParameterSpec, String> wanted(
      DetectorConfig config, List<ParameterSpec> specs) {
    Map<ParameterSpec, String> wanted = new LinkedHashMap<>();
    for (ParameterSpec spec : specs) {
      String name = config.backbone().published(spec.name()) + config.head().published(spec.name());
      if (!name.isEmpty()) {
        wanted.put(spec, name);
      }
    }
    return wanted;
  }

  private static void requireFit(
      SafetensorsFile tensors, Backbone backbone, Map<ParameterSpec, String> wanted) {
    List<String> unknown = new ArrayList<>(tensors.tensors().keySet());
    unknown.removeIf(name -> wanted.containsValue(name) || backbone.leavesOut(name));
    List<String> missing = new ArrayList<>(wanted.values());
    missing.removeIf(tensors.tensors()::containsKey);
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "it is not of this backbone, with these layers (norm, bias): it lacks %s and has %s besides"
              .formatted(some(missing), some(unknown)));
    }
    wanted.forEach((spec, name) -> {
      TensorInfo info = tensors.info(name);
      if (!info.shape().equals(spec.shape())) {
        throw new IllegalArgumentException(
            "tensor '%s' has the shape %s, this backbone has %s"
                .formatted(name, info.shape(), spec.shape()));
      }
    });
  }

  private static String some(List<String> names) {
    if (names.isEmpty()) {
      return "none";
    }
    String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() > NAMED ? first + " and %d more".formatted(names.size() - NAMED) : first;
  }
}

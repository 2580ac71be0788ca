package io.millrace.training.task.detection;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.ImportedWeights;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectStore;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.training.task.FileRefusal;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.PublishedWeights;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Weights that were imported for a backbone.
 *
 * @param objects where they are
 * @param name under which {@code ./millrace import} has kept them
 */
record BackboneFile(ObjectStore objects, String name) {

  private static final String ADVICE =
      "./millrace import FILE.safetensors NAME keeps others under another name";

  /**
   * Compares the names and shapes of all tensors with those of a backbone; reads no weights.
   *
   * @param preset whose backbone it is
   * @throws MillraceException FAILED_PRECONDITION if there are no weights of that name, or they do
   *     not fit
   * @throws UncheckedIOException if the file system fails to read them
   */
  void requireFits(DetectorConfig config, String preset) {
    try (Materialised files = files();
        SafetensorsFile file = SafetensorsFile.open(weights(files))) {
      PublishedWeights.requireFits(config, file);
    } catch (UncheckedIOException e) {
      throw refusal(preset, SafetensorsFile.checked(e));
    } catch (IllegalArgumentException | IOException e) {
      throw refusal(preset, e);
    }
  }

  private RuntimeException refusal(String preset, Exception e) {
    return FileRefusal.of(
        "weights '%s' do not fit the backbone of preset %s: %s; %s"
            .formatted(name, preset, e.getMessage(), ADVICE),
        "backbone_weights",
        e);
  }

  /**
   * A trainer of a fresh model that begins with them.
   *
   * @throws IOException as {@link DetectorTrainer#pretrained}
   */
  DetectorTrainer begin(
      TensorEngine engine, DetectorConfig config, DetectorTrainingSettings settings, long seed)
      throws IOException {
    try (Materialised files = files()) {
      return DetectorTrainer.pretrained(engine, config, settings, seed, weights(files));
    }
  }

  private static Path weights(Materialised files) {
    return files.directory().resolve(ImportedWeights.FILE);
  }

  private Materialised files() throws IOException {
    if (objects.find(ImportedWeights.key(name)).isEmpty()) {
      throw new MillraceException(
          ErrorCode.FAILED_PRECONDITION,
          "there are no weights '%s' for a backbone: ./millrace import FILE.safetensors %s keeps some"
              .formatted(name, name),
          "backbone_weights",
          null);
    }
    return objects.materialise(ImportedWeights.prefix(name));
  }
}

package io.millrace.training.task.detection;

import io.millrace.contracts.Tasks;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.BaseModel;
import io.millrace.training.task.CustomPresets;
import io.millrace.training.task.FileRefusal;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Start;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskContext;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorConfigFile;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.detector.PublishedWeights;
import io.millrace.vision.train.AugmentationSettings;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Detectors: samples of an image dataset, of its size and with its classes. */
@Component
public final class DetectionTask implements Task<DetectionOptions> {
  private static final int MAX_CONFIG = 1 << 20;

  /** Small ones whose names do not say so. */
  private static final Set<String> SMALL = Set.of("mtcnn");

  static final List<Preset> BUILT_IN =
      DetectorPresets.NAMES.stream().map(DetectionTask::builtIn).toList();

  private final List<Preset> presets;
  private final ObjectStore objects;

  /**
   * The task with the presets of the installation.
   *
   * @param objects where imported weights are
   */
  public DetectionTask(TrainingProperties properties, ObjectStore objects) {
    this.presets = CustomPresets.with(BUILT_IN, name(), properties);
    this.objects = objects;
  }

  /** The small ones learn fast; those of published shapes are large, and need low rates. */
  private static Preset builtIn(String name) {
    if (name.endsWith("nano")) {
      return new Preset(name, null, 8, 3e-3);
    }
    boolean small = name.endsWith("micro") || SMALL.contains(name);
    return new Preset(name, null, small ? 8 : 4, small ? 1e-3 : 1e-4);
  }

  @Override
  public String name() {
    return Tasks.DETECTION;
  }

  @Override
  public DetectionOptions standard() {
    return DetectionOptions.STANDARD;
  }

  @Override
  public String items() {
    return "images";
  }

  @Override
  public List<String> series() {
    return List.of();
  }

  @Override
  public List<Preset> presets() {
    return presets;
  }

  @Override
  public void requireSteps(long steps, DetectionOptions options) {
    DetectorTrainingSettings unused = options.withLoss(DetectorTrainingSettings.standard(), steps);
  }

  @Override
  public void requireSuitable(Preset preset, DatasetEntry dataset, DetectionOptions options) {
    DetectorConfig config = config(preset, dataset);
    options.requirePrecisionCovers("preset " + preset.name(), config);
    options.requireLossFits("preset " + preset.name(), config);
    if (!options.backboneWeights().isEmpty()) {
      try {
        PublishedWeights.requireKnown(config);
      } catch (IllegalArgumentException e) {
        throw MillraceException.invalid(
            "backbone_weights",
            "backbone_weights does not go with preset %s: %s"
                .formatted(preset.name(), e.getMessage()));
      }
      new BackboneFile(objects, options.backboneWeights()).requireFits(config, preset.name());
    }
  }

  @Override
  public void requireSuitable(BaseModel model, DatasetEntry dataset, DetectionOptions options) {
    if (!options.backboneWeights().isEmpty()) {
      throw MillraceException.invalid(
          "backbone_weights",
          "backbone_weights is for a fresh model; this run begins with those of model '%s'"
              .formatted(model.label()));
    }
    Content.Pictures pictures = pictures(dataset);
    String name = "model '" + model.label() + "'";
    DetectorConfig config;
    try {
      config =
          DetectorConfigFile.read(
              name + "/" + DetectorConfigFile.NAME,
              model.file(DetectorConfigFile.NAME, MAX_CONFIG));
    } catch (IOException e) {
      throw FileRefusal.of("%s cannot be learned from: %s".formatted(name, e.getMessage()), e);
    }
    options.requirePrecisionCovers(name, config);
    options.requireLossFits(name, config);
    if (!config.classes().equals(pictures.classes())) {
      throw MillraceException.precondition(
          "%s finds the classes %s, dataset '%s' has %s: they must be the same, in the same order"
              .formatted(name, config.classes(), dataset.name(), pictures.classes()));
    }
    if (config.inputWidth() != pictures.width() || config.inputHeight() != pictures.height()) {
      throw MillraceException.precondition(
          "%s takes pictures of %d x %d pixels, those of dataset '%s' have %d x %d"
              .formatted(
                  name,
                  config.inputWidth(),
                  config.inputHeight(),
                  dataset.name(),
                  pictures.width(),
                  pictures.height()));
    }
  }

  private static Content.Pictures pictures(DatasetEntry dataset) {
    return switch (dataset.content()) {
      case Content.Pictures pictures -> {
        if (pictures.classes().isEmpty()) {
          throw MillraceException.precondition(
              "dataset '%s' has no classes; task detection finds objects of some"
                  .formatted(dataset.name()));
        }
        yield pictures;
      }
      case Content.Text _, Content.Rows _ ->
          throw MillraceException.precondition(
              "dataset '%s' holds %s; task detection needs images"
                  .formatted(dataset.name(), dataset.content().kind()));
    };
  }

  @Override
  public DetectionTraining open(TaskContext<DetectionOptions> context, Start start)
      throws IOException {
    TensorEngine engine = context.engine();
    DetectionOptions options = context.options();
    DetectorTrainingSettings standard =
        options.withLoss(settings(pictures(context.dataset()).classes()), context.steps());
    DetectorTrainingSettings settings =
        standard
            .withAugmentation(options.augmentation(standard.augmentation()))
            .withEma(options.emaDecay())
            .withPrecision(options.numbers())
            .withBatchChanges(options.batchChanges(standard.augmentation().minVisible()));
    return new DetectionTraining(
        switch (start) {
          case Start.Fresh fresh -> create(context, fresh, settings);
          case Start.Resumed resumed -> DetectorTrainer.restore(engine, resumed.folder(), settings);
          case Start.From from -> DetectorTrainer.from(engine, from.model(), settings, from.seed());
        },
        options.accumulation());
  }

  private DetectorTrainer create(
      TaskContext<DetectionOptions> context, Start.Fresh fresh, DetectorTrainingSettings settings)
      throws IOException {
    DetectorConfig config = config(fresh.preset(), context.dataset());
    String weights = context.options().backboneWeights();
    if (weights.isEmpty()) {
      return DetectorTrainer.create(context.engine(), config, settings, fresh.seed());
    }
    BackboneFile backbone = new BackboneFile(objects, weights);
    backbone.requireFits(config, fresh.preset().name());
    return backbone.begin(context.engine(), config, settings, fresh.seed());
  }

  /**
   * The preset for the dataset's pictures.
   *
   * @throws MillraceException FAILED_PRECONDITION if there is none for them
   */
  private static DetectorConfig config(Preset preset, DatasetEntry dataset) {
    Content.Pictures pictures = pictures(dataset);
    Path folder = preset.folder();
    try {
      DetectorConfig any =
          folder == null ? DetectorPresets.of(preset.name()) : DetectorConfigFile.read(folder);
      return any.withInput(pictures.classes(), pictures.width(), pictures.height());
    } catch (IllegalArgumentException e) {
      throw new MillraceException(
          ErrorCode.FAILED_PRECONDITION,
          "preset %s does not fit dataset '%s', of pictures of %d x %d pixels and %d classes: %s"
              .formatted(
                  preset.name(),
                  dataset.name(),
                  pictures.width(),
                  pictures.height(),
                  pictures.classes().size(),
                  e.getMessage()),
          e);
    } catch (IOException e) {
      throw FileRefusal.of(
          "preset %s of this installation cannot be read: %s"
              .formatted(preset.name(), e.getMessage()),
          e);
    }
  }

  /** Where a class is a single character, which means something else in a mirror, nothing flips. */
  static DetectorTrainingSettings settings(List<String> classes) {
    DetectorTrainingSettings standard = DetectorTrainingSettings.standard();
    AugmentationSettings augmentation = standard.augmentation();
    boolean characters =
        classes.stream().anyMatch(name -> name.codePointCount(0, name.length()) == 1);
    return characters ? standard.withAugmentation(augmentation.withoutFlip()) : standard;
  }
}

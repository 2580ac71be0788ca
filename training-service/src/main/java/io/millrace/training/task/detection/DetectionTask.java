package io.millrace.training.task.detection;

import io.millrace.contracts.Tasks;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.training.TrainingProperties;
import io.millrace.training.task.CustomPresets;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskContext;
import io.millrace.training.task.TaskOptions;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorConfigFile;
import io.millrace.vision.train.AugmentationSettings;
import io.millrace.vision.train.DetectorTrainer;
import io.millrace.vision.train.DetectorTrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.stereotype.Component;

/** Detectors: samples of an image dataset, of its size and with its classes. */
@Component
public final class DetectionTask implements Task {
  private static final List<Preset> BUILT_IN =
      List.of(new Preset("nano", null, 8, 3e-3), new Preset("micro", null, 8, 1e-3));

  private final List<Preset> presets;

  /** The task with the presets of the installation. */
  public DetectionTask(TrainingProperties properties) {
    this.presets = CustomPresets.with(BUILT_IN, name(), properties);
  }

  @Override
  public String name() {
    return Tasks.DETECTION;
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
  public void requireSuitable(Preset preset, DatasetEntry dataset) {
    Content.Pictures unused = pictures(dataset);
  }

  private static Content.Pictures pictures(DatasetEntry dataset) {
    return switch (dataset.content()) {
      case Content.Pictures pictures -> pictures;
      case Content.Text text ->
          throw MillraceException.precondition(
              "dataset '%s' holds text; task detection needs images".formatted(dataset.name()));
    };
  }

  @Override
  public void requireSuitable(Preset preset, TaskOptions options) {
    TaskOptions standard = TaskOptions.standard();
    refuse("accumulation", options.accumulation() != standard.accumulation());
    refuse("recompute_every", options.recomputeEvery() != standard.recomputeEvery());
    refuse("ema_decay", options.emaDecay() != standard.emaDecay());
    refuse("documents", options.documents() != standard.documents());
    refuse("precision", options.precision() != standard.precision());
  }

  private static void refuse(String field, boolean given) {
    if (given) {
      throw MillraceException.invalid(
          field, "task detection has no %s: leave it out".formatted(field));
    }
  }

  @Override
  public DetectionTraining create(TaskContext context, long seed) throws IOException {
    DatasetEntry dataset = context.dataset();
    try {
      DetectorConfig config = config(context.preset(), dataset);
      return new DetectionTraining(
          DetectorTrainer.create(
              context.engine(), config, settings(pictures(dataset).classes()), seed));
    } catch (IllegalArgumentException e) {
      throw MillraceException.precondition(
          "preset %s does not fit dataset '%s': %s"
              .formatted(context.preset().name(), dataset.name(), e.getMessage()));
    }
  }

  @Override
  public DetectionTraining restore(TaskContext context, Path directory) throws IOException {
    return new DetectionTraining(
        DetectorTrainer.restore(
            context.engine(), directory, settings(pictures(context.dataset()).classes())));
  }

  private static DetectorConfig config(Preset preset, DatasetEntry dataset) throws IOException {
    Content.Pictures pictures = pictures(dataset);
    Path folder = preset.folder();
    return folder == null
        ? DetectorConfig.preset(
            preset.name(), pictures.classes(), pictures.width(), pictures.height())
        : DetectorConfigFile.read(folder)
            .withInput(pictures.classes(), pictures.width(), pictures.height());
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

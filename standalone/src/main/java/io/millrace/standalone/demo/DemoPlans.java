package io.millrace.standalone.demo;

import io.millrace.standalone.home.WritablePlace;
import io.millrace.standalone.terminal.UserError;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorPresets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What the demo does for the options that a person gave; whatever is wrong with them is said here.
 */
final class DemoPlans {

  private static final List<String> LANGUAGE_PRESETS = List.of("nano", "micro");
  private static final int CHECKPOINTS = 4;
  private static final int MOST_SCENES = 1500;
  private static final int LEAST_SCENES = 64;
  private static final int SCENES_A_STEP = 16;
  private static final int UNSEEN_SCENES = 128;
  private static final long DETECTION_STEPS = 900;
  private static final long NANO_STEPS = 1000;
  private static final long MICRO_STEPS = 300;
  private static final int NANO_VOCABULARY = 1024;
  private static final int MICRO_VOCABULARY = 4096;
  private static final long ORDER_SEED = 1;
  private static final long SCENE_SEED = 20;
  private static final String JAVA_PROMPT =
      """
          /**
           * Returns {@code true} if this list contains no elements.
           *
           * @return {@code true} if this list contains no elements
           */
          public boolean isEmpty() {
      """;
  private static final int PROMPT_CHARACTERS = 60;

  private final String stamp;
  private final String preset;
  private final @Nullable Long steps;
  private final String jdkPackage;
  private final @Nullable Path data;
  private final @Nullable String prompt;
  private final Path out;

  DemoPlans(
      String stamp,
      String preset,
      @Nullable Long steps,
      String jdkPackage,
      @Nullable Path data,
      @Nullable String prompt,
      Path out) {
    if (steps != null && (steps < CHECKPOINTS || steps > 10_000_000)) {
      throw new UserError("--steps %d must be %d to 10000000".formatted(steps, CHECKPOINTS));
    }
    this.stamp = stamp;
    this.preset = preset;
    this.steps = steps;
    this.jdkPackage = jdkPackage;
    this.data = data;
    this.prompt = prompt;
    this.out = out;
  }

  /**
   * The language half.
   *
   * @param withDetection whether detection runs too; {@code --data} cannot mean both then
   */
  LanguageDemo.Plan language(boolean withDetection) {
    refuseDataForBoth(withDetection);
    requirePreset("language", LANGUAGE_PRESETS);
    Path path = data;
    DemoCorpus corpus =
        path == null
            ? new DemoCorpus(DemoCorpus.ofJdk(jdkPackage), List.of())
            : DemoCorpus.ofPath(path);
    boolean nano = preset.equals("nano");
    return new LanguageDemo.Plan(
        "language-" + stamp,
        mixed(corpus.documents()),
        corpus.notes(),
        preset,
        nano ? NANO_VOCABULARY : MICRO_VOCABULARY,
        steps == null ? (nano ? NANO_STEPS : MICRO_STEPS) : steps,
        CHECKPOINTS,
        prompt(corpus.documents()),
        corpus.isChat());
  }

  /** In a random order, the same one each time: a stream is learned from in its order. */
  private static List<TextDocument> mixed(List<TextDocument> documents) {
    List<TextDocument> mixed = new ArrayList<>(documents);
    Collections.shuffle(mixed, new Random(ORDER_SEED));
    return mixed;
  }

  /** The detection half. */
  DetectionDemo.Plan detection(boolean withLanguage) {
    refuseDataForBoth(withLanguage);
    requirePreset("detection", DetectorPresets.NAMES);
    Path path = data;
    WritablePlace.require("--out", out);
    long wanted = steps == null ? DETECTION_STEPS : steps;
    // No more scenes are rendered than the steps will see.
    int scenes = Math.clamp(wanted * SCENES_A_STEP, LEAST_SCENES, MOST_SCENES);
    PictureSet pictures =
        path == null
            ? PictureSet.rendered(scenes, UNSEEN_SCENES, SCENE_SEED)
            : PictureSet.ofFolder(path);
    requireFits(pictures);
    return new DetectionDemo.Plan("detection-" + stamp, pictures, preset, wanted, CHECKPOINTS, out);
  }

  private void requirePreset(String task, List<String> known) {
    if (!known.contains(preset)) {
      throw new UserError(
          "--preset %s is unknown for task %s; use one of %s"
              .formatted(preset, task, String.join(", ", known)));
    }
  }

  private void requireFits(PictureSet pictures) {
    try {
      DetectorConfig unused =
          DetectorPresets.of(preset, pictures.classes(), pictures.width(), pictures.height());
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "--preset %s does not fit the pictures: %s".formatted(preset, e.getMessage()), e);
    }
  }

  private void refuseDataForBoth(boolean both) {
    if (both && data != null) {
      throw new UserError("--data needs --task language or --task detection: it cannot be both");
    }
  }

  /** The person's, or Java for Java, or the beginning of a document. */
  private String prompt(List<TextDocument> documents) {
    if (prompt != null) {
      if (prompt.isEmpty()) {
        throw new UserError("--prompt is empty");
      }
      return prompt;
    }
    if (data == null) {
      return JAVA_PROMPT;
    }
    TextDocument first = documents.getFirst();
    if (first.isChat()) {
      return first.question();
    }
    String text = first.text();
    return text.substring(0, Math.min(PROMPT_CHARACTERS, Math.max(1, text.length() / 2)));
  }
}

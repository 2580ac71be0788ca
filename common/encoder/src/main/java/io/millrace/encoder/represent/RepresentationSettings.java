package io.millrace.encoder.represent;

import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TextEncoder;
import io.millrace.tensor.optimizer.AdamWSettings;
import io.millrace.tensor.train.TrainerSettings;
import io.millrace.vision.network.Limits;

/**
 * How an encoder learns without labels.
 *
 * @param optimizer AdamW's settings
 * @param objective what is asked of predictions
 * @param changes how pictures are changed
 * @param emaDecay how much a step leaves of the moving average of the weights, which is the model
 *     that is evaluated and published then; 0: the weights themselves are
 */
public record RepresentationSettings(
    AdamWSettings optimizer, Objective objective, PictureChanges changes, double emaDecay) {

  /**
   * Checks the decay of the average, from 0 to below 1; the other settings check themselves.
   *
   * @throws IllegalArgumentException if it is otherwise
   */
  public RepresentationSettings {
    TrainerSettings.requireDecay(emaDecay);
  }

  /** The published objective; nothing is changed, no average. */
  public static RepresentationSettings standard() {
    return new RepresentationSettings(
        new AdamWSettings(0.9, 0.99, 1e-8, 0.01, 10),
        Objective.published(),
        PictureChanges.NONE,
        /* emaDecay= */ 0);
  }

  /** The same with another objective. */
  public RepresentationSettings with(Objective other) {
    return new RepresentationSettings(optimizer, other, changes, emaDecay);
  }

  /** The same with other changes. */
  public RepresentationSettings with(PictureChanges other) {
    return new RepresentationSettings(optimizer, objective, other, emaDecay);
  }

  /** The same with a moving average of the weights as the model that is published. */
  public RepresentationSettings withEma(double decay) {
    return new RepresentationSettings(optimizer, objective, changes, decay);
  }

  /**
   * Checks that a model can learn so.
   *
   * @throws IllegalArgumentException if it predicts nothing, or cannot be changed so
   */
  public void requireFits(EncoderConfig config) {
    Limits.require(
        config.steps() > 0,
        "an encoder of 0 steps predicts nothing: it cannot learn without labels");
    switch (config.encoder()) {
      case TextEncoder _ ->
          Limits.require(
              changes.equals(PictureChanges.NONE),
              "flip, vertical_flip, hidden_pixels and colour_drop change pictures; the encoder takes texts: leave them out");
      case PictureEncoder pictures ->
          Limits.require(
              changes.hidden() < Math.min(pictures.cropWidth(), pictures.cropHeight()),
              "crops of %s x %s pixels with %s hidden show nothing",
              pictures.cropWidth(),
              pictures.cropHeight(),
              changes.hidden());
    }
  }

  /** What the trainer does with the gradients. */
  TrainerSettings trainer() {
    return new TrainerSettings(optimizer, emaDecay);
  }
}

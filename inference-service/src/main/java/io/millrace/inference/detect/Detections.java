package io.millrace.inference.detect;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.compute.ComputePool;
import io.millrace.inference.swap.Held;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.box.Detection;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureHeader;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Finds objects with whatever version of a detector serves. */
@Component
public class Detections {

  /** What is returned where a request names no limit. */
  public static final double DEFAULT_MIN_SCORE = 0.3;

  /** What is returned where a request names no limit. */
  public static final int DEFAULT_MAX = 100;

  private static final int MOST = 1000;

  private static final String NAME = "the picture";

  private final Models models;
  private final ComputePool pool;
  private final MeterRegistry meters;
  private final PictureReader reader = new PictureReader(PictureLimits.defaults());

  Detections(Models models, ComputePool pool, MeterRegistry meters) {
    this.models = models;
    this.pool = pool;
    this.meters = meters;
  }

  /**
   * What was found, in pixels of the picture as a person sees it.
   *
   * @param imageWidth pixels from left to right
   * @param imageHeight pixels from top to bottom
   * @param exifOrientation by which the stored pixels were turned to that, 1 to 8; 1: not at all
   * @param detections best first
   */
  public record Result(
      int modelVersion,
      int imageWidth,
      int imageHeight,
      int exifOrientation,
      List<Detection> detections) {}

  /**
   * Finds objects in an encoded picture.
   *
   * @throws MillraceException INVALID_ARGUMENT, NOT_FOUND or OVERLOADED
   */
  public Result detect(String model, byte[] encoded, double minScore, int max) {
    if (!(minScore >= 0 && minScore <= 1)) {
      throw MillraceException.invalid("min_score", "min_score must be 0 to 1, it is " + minScore);
    }
    if (max < 1 || max > MOST) {
      throw MillraceException.invalid(
          "max_detections", "max_detections must be 1 to " + MOST + ", it is " + max);
    }
    try (Held<DetectionRuntime> held = models.acquire(model, DetectionRuntime.KIND)) {
      long begin = System.nanoTime();
      // Decoded in its turn too, so that no more pictures are in memory than are looked at.
      Result result =
          pool.call(() -> {
            PictureHeader header = readable(() -> reader.header(encoded, NAME));
            Picture picture = readable(() -> reader.read(encoded, NAME));
            return new Result(
                held.version().version(),
                picture.width(),
                picture.height(),
                header.orientation().exif(),
                held.runtime().detector().detect(picture, minScore, max));
          });
      meters
          .timer(InferenceMetric.DETECTION.id(), InferenceMetric.MODEL, model)
          .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
      return result;
    }
  }

  private static <T> T readable(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (InvalidPictureException e) {
      throw MillraceException.invalid("image", String.valueOf(e.getMessage()));
    }
  }
}

package io.millrace.inference.detect;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.compute.ComputePool;
import io.millrace.inference.swap.Held;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.box.Detection;
import io.millrace.vision.detector.DetectOptions;
import io.millrace.vision.detector.Detector;
import io.millrace.vision.picture.BoxPainter;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureHeader;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.suppress.Suppression;
import io.millrace.vision.view.Pyramid;
import io.millrace.vision.view.Slices;
import io.millrace.vision.view.Viewing;
import io.millrace.vision.view.Whole;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Finds objects with whatever version of a detector serves. */
@Component
public class Detections {

  private static final int MOST_PICTURES = 64;

  /** Looks of all pictures of a request; the work that one request can ask for. */
  private static final int MOST_LOOKS = 256;

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
   * What was found, by picture.
   *
   * @param pictures in the order of the request
   */
  public record Result(int modelVersion, List<Found> pictures) {}

  /**
   * What was found in a picture, in its pixels as a person sees it.
   *
   * @param imageWidth pixels from left to right
   * @param imageHeight pixels from top to bottom
   * @param exifOrientation by which the stored pixels were turned to that, 1 to 8; 1: not at all
   * @param detections best first
   * @param drawn the picture with its boxes as a file; empty unless asked for
   */
  public record Found(
      int imageWidth,
      int imageHeight,
      int exifOrientation,
      List<Detection> detections,
      Optional<byte[]> drawn) {}

  /**
   * Finds objects in encoded pictures, each in a turn of its own.
   *
   * @param images files with the names of their fields
   * @param drawing asks for the first picture with its boxes; only where there is one
   * @throws MillraceException INVALID_ARGUMENT, NOT_FOUND or OVERLOADED
   */
  public Result detect(
      String model, List<Image> images, DetectWishes wishes, Optional<Drawing> drawing) {
    double minScore = wishes.lowestScore();
    int most = wishes.most();
    Viewing viewing = wishes.viewing();
    Optional<Suppression> suppression = wishes.suppression();
    requireFew(images, drawing);
    try (Held<DetectionRuntime> held = models.acquire(model, DetectionRuntime.KIND)) {
      long begin = System.nanoTime();
      Detector detector = held.runtime().detector();
      DetectOptions options =
          new DetectOptions(
              minScore, most, viewing, suppression.orElseGet(() -> detector.suppression(viewing)));
      List<PictureHeader> headers = new ArrayList<>();
      for (Image image : images) {
        headers.add(readable(image, () -> reader.header(image.encoded(), image.name())));
      }
      requireFewLooks(detector, viewing, headers);
      List<Callable<Found>> steps = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        Image image = images.get(i);
        int exif = headers.get(i).orientation().exif();
        // Decoded in its turn too, so that no more pictures are in memory than are looked at.
        steps.add(() -> find(detector, image, exif, options, drawing));
      }
      Result result = new Result(held.version().version(), pool.callAll(steps));
      InferenceMetric.DETECTION
          .timer(meters, held.version().model())
          .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
      return result;
    }
  }

  private Found find(
      Detector detector, Image image, int exif, DetectOptions options, Optional<Drawing> drawing) {
    Picture picture = readable(image, () -> reader.read(image.encoded(), image.name()));
    List<Detection> found = detector.detect(List.of(picture), options).getFirst();
    return new Found(
        picture.width(),
        picture.height(),
        exif,
        found,
        drawing.map(form -> form.encode(BoxPainter.paint(picture, found))));
  }

  private static void requireFew(List<Image> images, Optional<Drawing> drawing) {
    if (images.isEmpty() || images.size() > MOST_PICTURES) {
      throw MillraceException.invalid(
          "images",
          "a request must have 1 to %d pictures, it has %d"
              .formatted(MOST_PICTURES, images.size()));
    }
    if (drawing.isPresent() && images.size() > 1) {
      throw MillraceException.invalid(
          "images", "boxes can be drawn on one picture of a request, it has " + images.size());
    }
  }

  private static void requireFewLooks(
      Detector detector, Viewing viewing, List<PictureHeader> headers) {
    int width = detector.config().inputWidth();
    int height = detector.config().inputHeight();
    long looks =
        headers.stream()
            .mapToLong(header ->
                viewing.count(header.displayedWidth(), header.displayedHeight(), width, height))
            .sum();
    if (looks > MOST_LOOKS) {
      String field =
          switch (viewing) {
            case Whole _ -> "images";
            case Slices _ -> "slice_size";
            case Pyramid _ -> "scales";
          };
      throw MillraceException.invalid(
          field,
          "the pictures would be looked at %d times, at most %d are done for a request: larger slices, smaller scales or fewer pictures take less"
              .formatted(looks, MOST_LOOKS));
    }
  }

  private static <T> T readable(Image image, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (InvalidPictureException e) {
      throw MillraceException.invalid(image.field(), String.valueOf(e.getMessage()));
    }
  }
}

package io.millrace.vision.train;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Placement;
import io.millrace.vision.view.Shown;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;

/**
 * Pictures of one size, that of a network's input, with their truth.
 *
 * @param rgb direct, [N, height, width, 3], one byte a channel, from position to limit
 * @param width pixels
 * @param height pixels
 * @param boxes for each picture, in pixels of the batch
 * @param placements for each picture, where the picture itself is in what the batch shows of it
 */
public record SampleBatch(
    ByteBuffer rgb,
    int width,
    int height,
    List<List<LabelledBox>> boxes,
    List<Placement> placements) {

  public SampleBatch {
    boxes = boxes.stream().map(List::copyOf).toList();
    placements = List.copyOf(placements);
    if (!rgb.isDirect() || boxes.isEmpty()) {
      throw new IllegalArgumentException("a batch needs a direct buffer and at least one picture");
    }
    if (width <= 0 || height <= 0 || rgb.remaining() != 3L * width * height * boxes.size()) {
      throw new IllegalArgumentException(
          "%d bytes are not %d pictures of %d x %d RGB pixels"
              .formatted(rgb.remaining(), boxes.size(), width, height));
    }
    if (placements.size() != boxes.size()) {
      throw new IllegalArgumentException(
          "%d placements of %d pictures".formatted(placements.size(), boxes.size()));
    }
  }

  /** Pictures that are shown as they are. */
  public SampleBatch(ByteBuffer rgb, int width, int height, List<List<LabelledBox>> boxes) {
    this(
        rgb,
        width,
        height,
        boxes,
        Collections.nCopies(boxes.size(), Placement.identity(width, height)));
  }

  /**
   * Copies pictures together that are shown as they are.
   *
   * @throws IllegalArgumentException if their sizes differ or their number is not that of the lists
   *     of boxes
   */
  public static SampleBatch of(List<Picture> pictures, List<List<LabelledBox>> boxes) {
    return ofShown(
        pictures.stream()
            .map(one -> new Shown(one, Placement.identity(one.width(), one.height())))
            .toList(),
        boxes);
  }

  /**
   * Copies pictures together.
   *
   * @param boxes for each picture, in pixels of what is shown
   * @throws IllegalArgumentException as {@link #of}
   */
  public static SampleBatch ofShown(List<Shown> shown, List<List<LabelledBox>> boxes) {
    if (shown.isEmpty() || shown.size() != boxes.size()) {
      throw new IllegalArgumentException(
          "%d pictures with %d lists of boxes".formatted(shown.size(), boxes.size()));
    }
    Picture first = shown.getFirst().picture();
    ByteBuffer rgb =
        ByteBuffer.allocateDirect(Math.multiplyExact(shown.size(), first.rgb().length));
    for (Shown one : shown) {
      Picture picture = one.picture();
      if (picture.width() != first.width() || picture.height() != first.height()) {
        throw new IllegalArgumentException(
            "a batch cannot hold both %s and %s".formatted(first, picture));
      }
      rgb.put(picture.rgb());
    }
    return new SampleBatch(
        rgb.flip(),
        first.width(),
        first.height(),
        boxes,
        shown.stream().map(Shown::placement).toList());
  }

  /** Some of the pictures, which share their pixels with this batch. */
  SampleBatch part(int first, int count) {
    int each = 3 * width * height;
    ByteBuffer some = rgb.slice(rgb.position() + first * each, count * each);
    return new SampleBatch(
        some,
        width,
        height,
        boxes.subList(first, first + count),
        placements.subList(first, first + count));
  }

  /** Number of pictures. */
  public int size() {
    return boxes.size();
  }

  /** What is true of a picture, in its own pixels, which areas are measured in. */
  public List<LabelledBox> truth(int picture) {
    Placement placement = placements.get(picture);
    return boxes.get(picture).stream()
        .map(one -> one.withBox(placement.toOriginal(one.box())))
        .toList();
  }

  /** What was found in what the batch shows of a picture, in the picture's own pixels. */
  public List<Detection> inOwnPixels(int picture, List<Detection> found) {
    return placements.get(picture).inOwnPixels(found);
  }
}

package io.millrace.vision.train;

import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Pictures of one size with their truth.
 *
 * @param rgb direct, [N, height, width, 3], one byte a channel, from position to limit
 * @param width pixels
 * @param height pixels
 * @param boxes for each picture, in its pixels
 */
public record SampleBatch(ByteBuffer rgb, int width, int height, List<List<LabelledBox>> boxes) {

  public SampleBatch {
    boxes = boxes.stream().map(List::copyOf).toList();
    if (!rgb.isDirect() || boxes.isEmpty()) {
      throw new IllegalArgumentException("a batch needs a direct buffer and at least one picture");
    }
    if (width <= 0 || height <= 0 || rgb.remaining() != 3L * width * height * boxes.size()) {
      throw new IllegalArgumentException(
          "%d bytes are not %d pictures of %d x %d RGB pixels"
              .formatted(rgb.remaining(), boxes.size(), width, height));
    }
  }

  /**
   * Copies pictures together.
   *
   * @throws IllegalArgumentException if their sizes differ or their number is not that of the lists
   *     of boxes
   */
  public static SampleBatch of(List<Picture> pictures, List<List<LabelledBox>> boxes) {
    if (pictures.isEmpty() || pictures.size() != boxes.size()) {
      throw new IllegalArgumentException(
          "%d pictures with %d lists of boxes".formatted(pictures.size(), boxes.size()));
    }
    Picture first = pictures.getFirst();
    ByteBuffer rgb =
        ByteBuffer.allocateDirect(Math.multiplyExact(pictures.size(), first.rgb().length));
    for (Picture picture : pictures) {
      if (picture.width() != first.width() || picture.height() != first.height()) {
        throw new IllegalArgumentException(
            "a batch cannot hold both %s and %s".formatted(first, picture));
      }
      rgb.put(picture.rgb());
    }
    return new SampleBatch(rgb.flip(), first.width(), first.height(), boxes);
  }

  /** Number of pictures. */
  public int size() {
    return boxes.size();
  }
}

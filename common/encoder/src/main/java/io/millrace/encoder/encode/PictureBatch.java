package io.millrace.encoder.encode;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.vision.picture.Picture;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Pictures of one size.
 *
 * @param rgb direct, [N, height, width, 3], one byte a channel, from position to limit
 * @param width pixels
 * @param height pixels
 */
public record PictureBatch(ByteBuffer rgb, int width, int height) implements EncoderBatch {

  /**
   * Checks that the bytes are whole pictures, at least one.
   *
   * @throws IllegalArgumentException if not
   */
  public PictureBatch {
    if (!rgb.isDirect()
        || width <= 0
        || height <= 0
        || rgb.remaining() == 0
        || rgb.remaining() % (3L * width * height) != 0) {
      throw new IllegalArgumentException(
          "%d bytes are not pictures of %d x %d RGB pixels in a direct buffer"
              .formatted(rgb.remaining(), width, height));
    }
  }

  /**
   * Copies pictures together.
   *
   * @throws IllegalArgumentException if there is none, or their sizes differ
   */
  public static PictureBatch of(List<Picture> pictures) {
    if (pictures.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one picture");
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
    return new PictureBatch(rgb.flip(), first.width(), first.height());
  }

  @Override
  public int size() {
    return rgb.remaining() / (3 * width * height);
  }

  @Override
  public NDArray values(NDManager manager) {
    return manager.create(rgb.duplicate(), new Shape(size(), height, width, 3), DataType.UINT8);
  }

  @Override
  public long[] starts() {
    return new long[0];
  }

  @Override
  public String kind() {
    return "pictures";
  }
}

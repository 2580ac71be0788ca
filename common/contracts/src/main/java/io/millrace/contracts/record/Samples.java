package io.millrace.contracts.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.contracts.data.v1.LabelledBox;
import io.millrace.contracts.data.v1.Sample;
import java.util.List;

/** Writes and reads {@link Sample} records: interleaved RGB, one byte a channel, and its boxes. */
public final class Samples {

  private Samples() {}

  /**
   * A record with its checksum.
   *
   * @param rgb [height, width, 3]; wrapped, not copied: the caller gives it away
   * @param scale by which the original picture was scaled, 1 if it is stored at its own size
   * @throws IllegalArgumentException if the pixels do not fit the size
   */
  public static Sample of(
      String dataset,
      long sequenceNumber,
      String documentId,
      int width,
      int height,
      byte[] rgb,
      float scale,
      List<LabelledBox> boxes) {
    if (width <= 0 || height <= 0 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "%d bytes are not %d x %d RGB pixels".formatted(rgb.length, width, height));
    }
    ByteString pixels = UnsafeByteOperations.unsafeWrap(rgb);
    return Sample.newBuilder()
        .setDataset(dataset)
        .setSequenceNumber(sequenceNumber)
        .setDocumentId(documentId)
        .setWidth(width)
        .setHeight(height)
        .setRgb(pixels)
        .setScale(scale)
        .addAllBoxes(boxes)
        .setCrc32C(Checksums.crc32c(pixels))
        .build();
  }

  /**
   * Parses a record and checks its checksum and size.
   *
   * @throws CorruptRecordException if anything is wrong with it
   */
  public static Sample parse(byte[] record) {
    Sample sample;
    try {
      sample = Sample.parseFrom(record);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptRecordException("not a sample: " + e.getMessage(), e);
    }
    String where =
        "sample %d of dataset %s: ".formatted(sample.getSequenceNumber(), sample.getDataset());
    long pixels =
        Integer.toUnsignedLong(sample.getWidth()) * Integer.toUnsignedLong(sample.getHeight());
    if (pixels == 0 || pixels > Integer.MAX_VALUE / 3 || sample.getRgb().size() != 3 * pixels) {
      throw new CorruptRecordException(
          where
              + "%d bytes are not %d x %d RGB pixels"
                  .formatted(sample.getRgb().size(), sample.getWidth(), sample.getHeight()));
    }
    int crc = Checksums.crc32c(sample.getRgb());
    if (crc != sample.getCrc32C()) {
      throw new CorruptRecordException(
          where + "checksum is %08x, recorded %08x".formatted(crc, sample.getCrc32C()));
    }
    return sample;
  }

  /** A copy of the pixels, [height, width, 3]. */
  public static byte[] rgb(Sample sample) {
    return sample.getRgb().toByteArray();
  }
}

package io.millrace.data;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * When a window closes: whichever comes first.
 *
 * @param documents most documents of a text window
 * @param images most documents of an image window; their pixels are held in memory
 * @param size of the records as they were read; a window of one document may be larger
 * @param age since its first document was read
 */
public record WindowLimits(
    @DefaultValue("2000") int documents,
    @DefaultValue("64") int images,
    @DefaultValue("16MB") DataSize size,
    @DefaultValue("400ms") Duration age) {

  /** Refuses limits under which no window would ever hold a document. */
  public WindowLimits {
    if (documents < 1 || images < 1 || size.toBytes() < 1 || age.isNegative()) {
      throw new IllegalArgumentException(
          "a window needs room for a document: documents %d, images %d, size %s, age %s"
              .formatted(documents, images, size, age));
    }
  }
}

package io.millrace.standalone.demo;

import io.millrace.vision.annotation.NamedBox;
import java.util.List;
import java.util.function.Supplier;

/**
 * A picture to upload or to detect in.
 *
 * @param id unique in its set
 * @param source of its bytes, PNG or JPEG; asked anew each time, as a set may be larger than memory
 * @param boxes what is in it, in pixels of the picture as a person sees it
 */
record DemoPicture(String id, Supplier<byte[]> source, List<NamedBox> boxes) {

  /** A picture in memory. */
  static DemoPicture of(String id, byte[] encoded, List<NamedBox> boxes) {
    return new DemoPicture(id, () -> encoded, boxes);
  }

  /** PNG or JPEG. */
  byte[] encoded() {
    return source.get();
  }

  /** The media type of encoded bytes. */
  static String mediaType(byte[] encoded) {
    return encoded.length > 1 && encoded[1] == 'P' ? "image/png" : "image/jpeg";
  }
}

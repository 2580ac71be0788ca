package io.millrace.standalone.model;

import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.MapField;
import java.util.Locale;

/** What results on a map see, for people to read. */
final class FieldText {

  private FieldText() {}

  static String title(MapField map) {
    return text("stride %d, branch %d", map.stride(), map.branch());
  }

  /** The field's size, and what sizes of objects the map is for. */
  static String size(MapField map) {
    return text("%.0f px, %s", map.field().size(), purpose(map));
  }

  /** What sizes of objects a map is for. */
  static String purpose(MapField map) {
    SizeRange sizes = map.sizes();
    String purpose =
        sizes.equals(SizeRange.ALL)
            ? "for all sizes"
            : Double.isInfinite(sizes.max())
                ? text("for objects from %.0f", sizes.min())
                : text("for objects of %.0f to %.0f", sizes.min(), sizes.max());
    return map.everything() ? purpose + ", sees everything" : purpose;
  }

  private static String text(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}

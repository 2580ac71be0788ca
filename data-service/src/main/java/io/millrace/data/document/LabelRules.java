package io.millrace.data.document;

import io.millrace.platform.registry.Content;

/** Which label a whole document has: one of its dataset's classes, or none where there are none. */
public final class LabelRules {
  private static final int MOST_NAMED = 20;

  private LabelRules() {}

  /**
   * Checks a label.
   *
   * @param label empty if there is none
   * @throws RejectedDocumentException if the dataset has no such class, or needs a label
   */
  static void check(String label, Content content) throws RejectedDocumentException {
    if (label.isEmpty()) {
      if (isNeeded(content)) {
        throw new RejectedDocumentException(
            "label",
            "the label is missing; it must be one of %s (a dataset without classes takes what has none)"
                .formatted(named(content)));
      }
    } else if (content.classes().isEmpty()) {
      throw new RejectedDocumentException(
          "label", "the label is '%s', but the dataset has no classes".formatted(label));
    } else if (!content.classes().contains(label)) {
      throw new RejectedDocumentException(
          "label",
          "the label '%s' is not a class of the dataset; there are %s"
              .formatted(label, named(content)));
    }
  }

  /** Pictures may have boxes instead. */
  private static boolean isNeeded(Content content) {
    return switch (content) {
      case Content.Text text -> !text.classes().isEmpty();
      case Content.Rows rows -> !rows.classes().isEmpty();
      case Content.Pictures pictures -> false;
    };
  }

  private static String named(Content content) {
    int all = content.classes().size();
    String first = String.join(", ", content.classes().subList(0, Math.min(all, MOST_NAMED)));
    return all > MOST_NAMED ? "%s and %d more".formatted(first, all - MOST_NAMED) : first;
  }
}

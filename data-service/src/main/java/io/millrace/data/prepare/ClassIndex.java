package io.millrace.data.prepare;

import io.millrace.data.document.RejectedDocumentException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Places of a dataset's class names. */
final class ClassIndex {
  private final Map<String, Integer> places = new HashMap<>();

  ClassIndex(List<String> classes) {
    for (String name : classes) {
      places.put(name, places.size());
    }
  }

  /**
   * The place of a label.
   *
   * @param what has it, for the message
   * @throws RejectedDocumentException if it is no class of the dataset
   */
  int of(String label, String what) throws RejectedDocumentException {
    Integer place = places.get(label);
    if (place == null) {
      throw new RejectedDocumentException(
          "%s has the label '%s', which is not a class of the dataset".formatted(what, label));
    }
    return place;
  }

  /**
   * The place of a document's label; empty if it has none.
   *
   * @throws RejectedDocumentException if it is no class of the dataset
   */
  OptionalInt ofDocument(String label) throws RejectedDocumentException {
    return label.isEmpty() ? OptionalInt.empty() : OptionalInt.of(of(label, "the document"));
  }
}

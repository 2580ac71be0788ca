package io.millrace.data.upload;

import io.millrace.contracts.data.v1.Document;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Labels that files of an archive have by the folder in which they lie: a folder a class. */
final class FolderLabels {

  private FolderLabels() {}

  /** The text with the label of its folder, if the dataset has classes; its id is its name. */
  static Document ofText(Document text, Content content) {
    return content.classes().isEmpty()
        ? text
        : text.toBuilder().setLabel(folderOf(text.getId())).build();
  }

  /**
   * The labels of pictures by their names. None at all where no folder is a class: then nobody
   * meant the folders so.
   *
   * @throws MillraceException INVALID_ARGUMENT naming a file outside of them, where some are
   */
  static Map<String, String> ofPictures(Collection<String> names, Content content) {
    Map<String, String> labels = new LinkedHashMap<>();
    String outside = null;
    for (String name : names) {
      String folder = folderOf(name);
      if (content.classes().contains(folder)) {
        labels.put(name, folder);
      } else if (outside == null) {
        outside = name;
      }
    }
    if (outside != null && !labels.isEmpty()) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          "file '%s' lies in no folder of a class, though %d others do; the classes are %s"
              .formatted(outside, labels.size(), String.join(", ", content.classes())));
    }
    return labels;
  }

  private static String folderOf(String name) {
    int end = name.lastIndexOf('/');
    return end < 0 ? "" : name.substring(name.lastIndexOf('/', end - 1) + 1, end);
  }
}

package io.millrace.data.rejected;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of the rejected documents of a dataset.
 *
 * @param documents in the order of partitions and offsets
 * @param next from where the next page goes on; null after the last document
 */
public record RejectedPage(List<RejectedDocument> documents, @Nullable Cursor next) {

  /** Copies the documents. */
  public RejectedPage {
    documents = List.copyOf(documents);
  }
}

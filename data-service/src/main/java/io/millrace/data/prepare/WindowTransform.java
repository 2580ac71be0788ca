package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.WindowLimits;
import io.millrace.data.document.RejectedDocumentException;
import java.util.List;

/**
 * Makes records of documents; the loop and the transaction around it are the same for all kinds.
 * Both methods are pure: the same documents give the same records.
 *
 * @param <D> a document that is ready to become (part of) a record
 */
public sealed interface WindowTransform<D> permits TextTransform, ImageTransform, RowTransform {

  /** Most documents of a window. */
  int most(WindowLimits limits);

  /**
   * Prepares one document.
   *
   * @throws RejectedDocumentException if no retry can help
   */
  D prepare(Document document) throws RejectedDocumentException;

  /**
   * The records of the documents of one window that belong to one split.
   *
   * @param firstSequenceNumber of the first record; the others count on from it
   */
  List<? extends MessageLite> records(List<D> documents, long firstSequenceNumber);

  /** Tokens of a document; 0 if it is not text. */
  long tokens(D document);

  /** Boxes of a document; 0 if it is not an image. */
  long boxes(D document);

  /** Tokens in a record. */
  long packedTokens(MessageLite record);
}

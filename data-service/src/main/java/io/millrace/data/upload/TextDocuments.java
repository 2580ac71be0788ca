package io.millrace.data.upload;

import io.millrace.contracts.data.v1.Document;
import io.millrace.data.document.TextRules;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;

/** Reads a whole stream as one text document. */
final class TextDocuments {

  private TextDocuments() {}

  /**
   * The document.
   *
   * @param id empty: from the content
   * @param limit in bytes; not more is read
   * @throws MillraceException PAYLOAD_TOO_LARGE, or INVALID_ARGUMENT if it is empty or no UTF-8
   *     text
   */
  static Document read(InputStream in, String id, long limit) throws IOException {
    byte[] bytes = in.readNBytes(Math.toIntExact(limit) + 1);
    if (bytes.length > limit) {
      throw new MillraceException(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "the text is longer than the limit of %d bytes; split it into documents"
              .formatted(limit));
    }
    return switch (TextRules.decode(bytes)) {
      case TextRules.Text text -> Document.newBuilder().setId(id).setText(text.text()).build();
      case TextRules.Fault fault ->
          throw new MillraceException(ErrorCode.INVALID_ARGUMENT, fault.reason());
    };
  }
}

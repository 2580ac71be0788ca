package io.millrace.data.upload;

import io.millrace.contracts.data.v1.Document;
import io.millrace.data.document.ExtraFields;
import io.millrace.data.document.JsonDocuments;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;

/** Appends the documents of a JSONL stream: one object a line, empty lines are skipped. */
final class JsonLines {

  private JsonLines() {}

  /**
   * Appends all lines; their number.
   *
   * @throws MillraceException about the first line that is refused, with its number
   */
  static long append(
      InputStream in, int longestLine, JsonDocuments json, ExtraFields extra, Upload upload)
      throws IOException {
    LineReader lines = new LineReader(in, longestLine);
    long documents = 0;
    for (byte[] line = lines.next(); line != null; line = lines.next()) {
      if (isBlank(line)) {
        continue;
      }
      try {
        Document document = json.read(line, extra, upload.content());
        upload.append(document);
      } catch (MillraceException e) {
        throw Upload.about("line " + lines.number(), e);
      }
      documents++;
    }
    return documents;
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t') {
        return false;
      }
    }
    return true;
  }
}

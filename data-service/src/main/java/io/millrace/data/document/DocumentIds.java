package io.millrace.data.document;

import io.millrace.contracts.data.v1.Document;
import io.millrace.platform.checkpoint.Sha256;
import java.nio.charset.StandardCharsets;

/** Ids of documents. */
public final class DocumentIds {
  /** Longest id in characters. */
  public static final int MAX_LENGTH = 512;

  private DocumentIds() {}

  /** The id of a document that has none: 32 hexadecimal digits of its content's SHA-256. */
  public static String ofContent(Document document) {
    byte[] content =
        switch (document.getContentCase()) {
          case TEXT -> document.getText().getBytes(StandardCharsets.UTF_8);
          case IMAGE -> document.getImage().getEncoded().toByteArray();
          case CHAT -> document.getChat().toByteArray();
          case CONTINUATION -> document.getContinuation().toByteArray();
          case ROW -> document.getRow().toByteArray();
          case CONTENT_NOT_SET -> new byte[0];
        };
    return Sha256.of(content).substring(0, 32);
  }
}

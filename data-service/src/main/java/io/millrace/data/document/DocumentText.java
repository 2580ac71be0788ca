package io.millrace.data.document;

import io.millrace.contracts.data.v1.ChatTurn;
import io.millrace.contracts.data.v1.Document;
import java.util.stream.Collectors;

/** What a document says in words, whatever its form. */
public final class DocumentText {
  private DocumentText() {}

  /** All text of a document that a tokenizer should know; empty for pictures and rows. */
  public static String of(Document document) {
    return switch (document.getContentCase()) {
      case TEXT -> document.getText();
      case CHAT ->
          document.getChat().getTurnsList().stream()
              .map(ChatTurn::getText)
              .collect(Collectors.joining("\n"));
      case CONTINUATION ->
          document.getContinuation().getPrompt() + document.getContinuation().getCompletion();
      case IMAGE, ROW, CONTENT_NOT_SET -> "";
    };
  }
}

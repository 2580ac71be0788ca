package io.millrace.standalone.demo;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A document to upload.
 *
 * @param id unique in the corpus
 * @param text never empty; of a conversation all that is said
 * @param fields what is sent beside the id: the text, or a conversation in the form it came in
 * @param question what a conversation begins with; empty: it is none
 */
public record TextDocument(String id, String text, Map<String, ?> fields, String question) {

  /** A plain text. */
  public TextDocument(String id, String text) {
    this(id, text, Map.of("text", text), "");
  }

  /** Whether it is a conversation. */
  boolean isChat() {
    return !question.isEmpty();
  }

  /** As it is sent, under the id of the corpus whatever id it came with. */
  Map<String, ?> json() {
    Map<String, Object> json = new LinkedHashMap<>(fields);
    json.put("id", id);
    return json;
  }
}

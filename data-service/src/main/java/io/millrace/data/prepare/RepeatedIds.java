package io.millrace.data.prepare;

import java.util.List;
import java.util.Map;

/** What becomes of documents whose id the dataset has already. */
sealed interface RepeatedIds {

  /** Nothing: each is one more document. */
  record Keep() implements RepeatedIds {}

  /** All but the first are rejected. */
  record Reject(Claims claims) implements RepeatedIds {}

  /** The last one counts, in snapshots that hold it; each document has records of its own. */
  record Replace(Replacements replacements) implements RepeatedIds {}

  /** Decides which document has an id that several have. */
  @FunctionalInterface
  interface Claims {
    /**
     * Claims ids for documents. An id belongs for good to the document that claimed it first, so
     * the same claims may be made again and get the same answer.
     *
     * @param claims the first document of a window that has the id, by id
     * @return whom the ids belong to, by id
     */
    Map<String, DocumentPlace> claim(Map<String, DocumentPlace> claims);
  }

  /** Notes which documents take the place of others. */
  @FunctionalInterface
  interface Replacements {
    /**
     * Notes the documents of a window, in their order. It may be told the same ones again, with the
     * same records, and then notes nothing new.
     */
    void note(List<PreparedDocument> documents);
  }
}

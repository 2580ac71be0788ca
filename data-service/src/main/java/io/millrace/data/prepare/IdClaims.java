package io.millrace.data.prepare;

import java.util.Map;

/** Decides which document has an id that several have. */
@FunctionalInterface
public interface IdClaims {
  /** Every document keeps its id, however many have it. */
  IdClaims KEEP = claims -> Map.of();

  /**
   * Claims ids for documents. An id belongs for good to the document that claimed it first, so the
   * same claims may be made again and get the same answer.
   *
   * @param claims the first document of a window that has the id, by id
   * @return whom the ids belong to, by id; those that are not there may be had by all
   */
  Map<String, DocumentPlace> claim(Map<String, DocumentPlace> claims);
}

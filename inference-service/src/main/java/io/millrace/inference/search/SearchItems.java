package io.millrace.inference.search;

import io.millrace.inference.embed.Vectors;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Repository;

/**
 * What is in indexes: vectors of documents. Every method takes part in the caller's transaction if
 * there is one.
 */
@Repository
class SearchItems {

  /** Vectors that are in memory at a time. */
  private static final int FETCH = 512;

  /** Whether an item is of an earlier document of its id than a revision. */
  private static final String EARLIER =
      """
      index_name = :name and document_id = :document and document_offset is not null
        and case when part = :part then document_offset < :revision
          else (prepared_at, part) < (:preparedAt, :part) end
      """;

  private static final String LATER =
      EARLIER.replace("document_offset <", "document_offset >").replace("part) <", "part) >");

  private final JdbcClient jdbc;

  private final PgVector pgVector;

  SearchItems(JdbcClient jdbc, PgVector pgVector) {
    this.jdbc = jdbc;
    this.pgVector = pgVector;
  }

  /**
   * Adds items. A document that takes the place of others removes theirs, and is not added itself
   * where a later one is there already.
   *
   * @param vectors one for each item
   */
  void add(String name, RecordItems found, List<float[]> vectors) {
    for (int i = 0; i < found.items().size(); i++) {
      Item item = found.items().get(i);
      Revision revision = item.revision();
      if (revision == null || isLatest(name, revision)) {
        insert(name, item, revision, vectors.get(i));
      }
    }
    found.empty().forEach(revision -> removeEarlier(name, revision));
  }

  private boolean isLatest(String name, Revision revision) {
    removeEarlier(name, revision);
    return of(name, revision, "select 1 from search_item where " + LATER + " limit 1")
        .query(Integer.class)
        .optional()
        .isEmpty();
  }

  private void removeEarlier(String name, Revision revision) {
    of(name, revision, "delete from search_item where " + EARLIER).update();
  }

  private StatementSpec of(String name, Revision revision, String sql) {
    return jdbc.sql(sql)
        .param("name", name)
        .param("document", revision.documentId())
        .param("part", revision.partition())
        .param("revision", revision.documentOffset())
        .param("preparedAt", Timestamp.from(revision.preparedAt()));
  }

  private void insert(String name, Item item, @Nullable Revision revision, float[] vector) {
    Optional<String> schema = pgVector.schema();
    StatementSpec statement =
        jdbc.sql(
            """
            insert into search_item (index_name, topic, part, record_offset, place, document_id,
              excerpt, vector, document_offset, prepared_at%s)
            values (:name, :topic, :part, :offset, :place, :document, :excerpt, :vector,
              cast(:revision as bigint), cast(:preparedAt as timestamptz)%s)
            """
                .formatted(
                    schema.isPresent() ? ", embedding" : "",
                    schema
                        .map(own -> ", cast(:embedding as %s.vector)".formatted(own))
                        .orElse("")));
    if (schema.isPresent()) {
      statement = statement.param("embedding", PgVector.text(vector));
    }
    statement
        .param("name", name)
        .param("topic", item.topic())
        .param("part", item.partition())
        .param("offset", item.offset())
        .param("place", item.place())
        .param("document", item.documentId())
        .param("excerpt", item.excerpt())
        .param("vector", Vectors.bytes(vector))
        .param("revision", revision == null ? null : revision.documentOffset())
        .param("preparedAt", revision == null ? null : Timestamp.from(revision.preparedAt()))
        .update();
  }

  /**
   * The nearest items, best first: by pgvector where the server has it, else by an exact search
   * that looks at every vector. Needs a transaction, or all of them would be in memory at once.
   *
   * @param vector of length one
   */
  List<Hit> nearest(String name, float[] vector, int most) {
    return pgVector
        .schema()
        .map(schema -> pgVector.nearest(schema, name, vector, most))
        .orElseGet(() -> exactly(name, vector, most));
  }

  private List<Hit> exactly(String name, float[] vector, int most) {
    Comparator<Hit> worstFirst =
        Comparator.comparingDouble(Hit::score)
            .thenComparing(Hit::documentId, Comparator.reverseOrder());
    PriorityQueue<Hit> best = new PriorityQueue<>(worstFirst);
    jdbc.sql("select document_id, excerpt, vector from search_item where index_name = :name")
        .param("name", name)
        .withFetchSize(FETCH)
        .query(row -> {
          double score = Vectors.product(row.getBytes("vector"), vector);
          best.add(new Hit(row.getString("document_id"), score, row.getString("excerpt")));
          if (best.size() > most) {
            best.remove();
          }
        });
    List<Hit> hits = new ArrayList<>(best);
    hits.sort(worstFirst.reversed());
    return hits;
  }
}

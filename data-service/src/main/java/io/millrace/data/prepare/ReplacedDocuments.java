package io.millrace.data.prepare;

import io.millrace.contracts.Topics.Split;
import io.millrace.platform.registry.DatasetEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Which documents a later one of the same id took the place of, in PostgreSQL.
 *
 * <p>It is noted before the window is committed to Kafka, with the place of the later document:
 * whoever seals a snapshot takes only what documents inside of it replaced. A document that was
 * noted is either the newest of its id or among the replaced ones, so noting it again changes
 * nothing.
 */
@Repository
public class ReplacedDocuments {
  private final JdbcClient jdbc;
  private final TransactionTemplate transactions;

  /** On the service's database. */
  public ReplacedDocuments(JdbcClient jdbc, TransactionTemplate transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /**
   * Records of a document that was replaced.
   *
   * @param partition of the topic
   * @param split of the records
   * @param first sequence number of the first one
   * @param records how many there are
   */
  public record Replaced(int partition, Split split, long first, int records) {}

  /**
   * What documents that are prepared have replaced, in the order of the records.
   *
   * @param nextOffsets up to which offset the documents of each partition are prepared
   */
  public List<Replaced> find(DatasetEntry dataset, Map<Integer, Long> nextOffsets) {
    List<Replaced> found = new ArrayList<>();
    of(
            dataset,
            """
            select * from replaced_document
            where dataset = :dataset and created_at = :createdAt order by partition, first_record
            """)
        .query(row -> {
          if (row.getLong("by_offset") < nextOffsets.getOrDefault(row.getInt("by_partition"), 0L)) {
            found.add(
                new Replaced(
                    row.getInt("partition"),
                    Split.valueOf(row.getString("split")),
                    row.getLong("first_record"),
                    row.getInt("records")));
          }
        });
    return found;
  }

  void note(DatasetEntry dataset, List<PreparedDocument> documents) {
    if (!documents.isEmpty()) {
      transactions.executeWithoutResult(status -> noteInOrder(dataset, documents));
    }
  }

  void forget(String dataset) {
    jdbc.sql("delete from replaced_document where dataset = :dataset")
        .param("dataset", dataset)
        .update();
  }

  private void noteInOrder(DatasetEntry dataset, List<PreparedDocument> documents) {
    // One partition after the other: an id may come in several.
    of(dataset, "select pg_advisory_xact_lock(hashtextextended(:dataset || :createdAt, 1))")
        .query(row -> {});
    Map<String, PreparedDocument> newest = newest(dataset, documents);
    Set<DocumentPlace> known = replacedAmong(dataset, documents);
    Set<String> changed = new LinkedHashSet<>();
    Map<PreparedDocument, DocumentPlace> replaced = new LinkedHashMap<>();
    for (PreparedDocument document : documents) {
      PreparedDocument before = newest.get(document.id());
      if (known.contains(document.place())
          || (before != null && before.place().equals(document.place()))) {
        continue; // Noted before a crash.
      }
      if (before != null) {
        replaced.put(before, document.place());
      }
      newest.put(document.id(), document);
      changed.add(document.id());
    }
    write(dataset, changed.stream().map(newest::get).toList());
    writeReplaced(dataset, replaced);
  }

  private Map<String, PreparedDocument> newest(
      DatasetEntry dataset, List<PreparedDocument> documents) {
    Map<String, String> ids = new LinkedHashMap<>();
    documents.forEach(one -> ids.put(DocumentIdStore.hash(one.id()).toString(), one.id()));
    Map<String, PreparedDocument> newest = new LinkedHashMap<>();
    of(
            dataset,
            """
            select * from document_id
            where dataset = :dataset and created_at = :createdAt and id = any(cast(:ids as uuid[]))
            """)
        .param("ids", ids.keySet().toArray(String[]::new))
        .query(row -> {
          String id = String.valueOf(ids.get(row.getString("id")));
          newest.put(id, prepared(id, row));
        });
    return newest;
  }

  private static PreparedDocument prepared(String id, ResultSet row) throws SQLException {
    return new PreparedDocument(
        id,
        new DocumentPlace(row.getInt("partition"), row.getLong("document_offset")),
        Split.valueOf(row.getString("split")),
        row.getLong("first_record"),
        row.getInt("records"));
  }

  private Set<DocumentPlace> replacedAmong(DatasetEntry dataset, List<PreparedDocument> documents) {
    Set<DocumentPlace> replaced = new HashSet<>();
    of(
            dataset,
            """
            select partition, document_offset from replaced_document
            where dataset = :dataset and created_at = :createdAt and partition = :partition
              and document_offset between :first and :last
            """)
        .param("partition", documents.getFirst().place().partition())
        .param("first", documents.getFirst().place().offset())
        .param("last", documents.getLast().place().offset())
        .query(row -> {
          replaced.add(new DocumentPlace(row.getInt(1), row.getLong(2)));
        });
    return replaced;
  }

  private void write(DatasetEntry dataset, List<PreparedDocument> documents) {
    if (documents.isEmpty()) {
      return;
    }
    columns(
            of(
                dataset,
                """
                insert into document_id (dataset, created_at, id, partition, document_offset, split,
                  first_record, records)
                select :dataset, :createdAt, * from unnest(cast(:ids as uuid[]),
                  cast(:partitions as int[]), cast(:offsets as bigint[]), cast(:splits as text[]),
                  cast(:firsts as bigint[]), cast(:records as int[]))
                on conflict (dataset, created_at, id) do update set
                  partition = excluded.partition, document_offset = excluded.document_offset,
                  split = excluded.split, first_record = excluded.first_record,
                  records = excluded.records
                """),
            documents)
        .param(
            "ids",
            array(documents, one -> DocumentIdStore.hash(one.id()).toString(), String[]::new))
        .update();
  }

  private void writeReplaced(DatasetEntry dataset, Map<PreparedDocument, DocumentPlace> replaced) {
    if (replaced.isEmpty()) {
      return;
    }
    columns(
            of(
                dataset,
                """
                insert into replaced_document (dataset, created_at, partition, document_offset, split,
                  first_record, records, by_partition, by_offset)
                select :dataset, :createdAt, * from unnest(cast(:partitions as int[]),
                  cast(:offsets as bigint[]), cast(:splits as text[]), cast(:firsts as bigint[]),
                  cast(:records as int[]), cast(:byPartitions as int[]), cast(:byOffsets as bigint[]))
                """),
            replaced.keySet())
        .param("byPartitions", array(replaced.values(), DocumentPlace::partition, Integer[]::new))
        .param("byOffsets", array(replaced.values(), DocumentPlace::offset, Long[]::new))
        .update();
  }

  private StatementSpec of(DatasetEntry dataset, String sql) {
    return jdbc.sql(sql.replace(":createdAt", "cast(:createdAt as timestamptz)"))
        .param("dataset", dataset.name())
        .param("createdAt", Timestamp.from(dataset.createdAt()));
  }

  private static StatementSpec columns(
      StatementSpec statement, Collection<PreparedDocument> documents) {
    return statement
        .param("partitions", array(documents, one -> one.place().partition(), Integer[]::new))
        .param("offsets", array(documents, one -> one.place().offset(), Long[]::new))
        .param("splits", array(documents, one -> one.split().name(), String[]::new))
        .param("firsts", array(documents, PreparedDocument::firstRecord, Long[]::new))
        .param("records", array(documents, PreparedDocument::records, Integer[]::new));
  }

  private static <S, T> T[] array(
      Collection<S> values, Function<S, T> column, java.util.function.IntFunction<T[]> array) {
    return values.stream().map(column).toArray(array);
  }
}

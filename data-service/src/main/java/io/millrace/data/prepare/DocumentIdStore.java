package io.millrace.data.prepare;

import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.registry.DatasetEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The ids of datasets that reject repeated ones, in PostgreSQL: for each, the document that has it.
 * An id is kept as 128 bits of its SHA-256.
 *
 * <p>Claims are made before the window is committed to Kafka. A claim of a window that is not
 * committed does no harm: the document is at the same place when the window is prepared again, and
 * finds that the id is its own.
 */
@Repository
public class DocumentIdStore {
  private final JdbcClient jdbc;
  private final ReplacedDocuments replaced;

  /** On the service's database. */
  public DocumentIdStore(JdbcClient jdbc, ReplacedDocuments replaced) {
    this.jdbc = jdbc;
    this.replaced = replaced;
  }

  /** What becomes of repeated ids of a dataset. */
  RepeatedIds repeatedIds(DatasetEntry dataset) {
    return switch (dataset.intake().duplicateIds()) {
      case KEEP -> new RepeatedIds.Keep();
      case REJECT -> new RepeatedIds.Reject(claims -> claim(dataset, claims));
      case REPLACE -> new RepeatedIds.Replace(documents -> replaced.note(dataset, documents));
    };
  }

  /** What became of repeated ids of a dataset: asked again, it changes nothing. */
  RepeatedIds knownIds(DatasetEntry dataset) {
    return switch (dataset.intake().duplicateIds()) {
      case KEEP -> new RepeatedIds.Keep();
      case REJECT -> new RepeatedIds.Reject(claims -> owners(dataset, byHash(claims)));
      case REPLACE -> new RepeatedIds.Replace(documents -> {});
    };
  }

  /** Forgets the ids of a dataset that is deleted. */
  public void forget(String dataset) {
    jdbc.sql("delete from document_id where dataset = :dataset").param("dataset", dataset).update();
  }

  private Map<String, DocumentPlace> claim(
      DatasetEntry dataset, Map<String, DocumentPlace> claims) {
    SortedMap<String, Map.Entry<String, DocumentPlace>> byHash = byHash(claims);
    if (byHash.isEmpty()) {
      return Map.of();
    }
    List<Integer> partitions = new ArrayList<>();
    List<Long> offsets = new ArrayList<>();
    for (Map.Entry<String, DocumentPlace> claim : byHash.values()) {
      partitions.add(claim.getValue().partition());
      offsets.add(claim.getValue().offset());
    }
    String[] hashes = byHash.keySet().toArray(String[]::new);
    Timestamp createdAt = Timestamp.from(dataset.createdAt());
    jdbc.sql(
            """
            insert into document_id (dataset, created_at, id, partition, document_offset)
            select :dataset, cast(:createdAt as timestamptz), id, partition, place
            from unnest(cast(:ids as uuid[]), cast(:partitions as int[]), cast(:offsets as bigint[]))
              as claim (id, partition, place)
            on conflict do nothing
            """)
        .param("dataset", dataset.name())
        .param("createdAt", createdAt)
        .param("ids", hashes)
        .param("partitions", partitions.toArray(Integer[]::new))
        .param("offsets", offsets.toArray(Long[]::new))
        .update();
    return owners(dataset, byHash);
  }

  /** In the order of the key, so that two partitions cannot wait for each other. */
  private static SortedMap<String, Map.Entry<String, DocumentPlace>> byHash(
      Map<String, DocumentPlace> claims) {
    SortedMap<String, Map.Entry<String, DocumentPlace>> byHash = new TreeMap<>();
    claims.entrySet().forEach(claim -> byHash.put(hash(claim.getKey()).toString(), claim));
    return byHash;
  }

  private Map<String, DocumentPlace> owners(
      DatasetEntry dataset, SortedMap<String, Map.Entry<String, DocumentPlace>> byHash) {
    Map<String, DocumentPlace> owners = new HashMap<>();
    jdbc.sql(
            """
            select id, partition, document_offset from document_id
            where dataset = :dataset and created_at = :createdAt and id = any(cast(:ids as uuid[]))
            """)
        .param("dataset", dataset.name())
        .param("createdAt", Timestamp.from(dataset.createdAt()))
        .param("ids", byHash.keySet().toArray(String[]::new))
        .query(row -> {
          Map.Entry<String, DocumentPlace> claim =
              Objects.requireNonNull(byHash.get(row.getString("id")));
          owners.put(
              claim.getKey(),
              new DocumentPlace(row.getInt("partition"), row.getLong("document_offset")));
        });
    return owners;
  }

  /** What is kept of an id. */
  static UUID hash(String id) {
    ByteBuffer digest =
        ByteBuffer.wrap(Sha256.digest().digest(id.getBytes(StandardCharsets.UTF_8)));
    return new UUID(digest.getLong(), digest.getLong());
  }
}

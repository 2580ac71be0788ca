package io.millrace.data.upload;

import io.millrace.platform.registry.DatasetEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Uploads with a key in PostgreSQL, each with whoever works on it and a heartbeat. */
@Repository
class UploadStore {
  private final JdbcClient jdbc;
  private final Clock clock;

  UploadStore(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /**
   * An upload as it is recorded.
   *
   * @param id marks its documents
   * @param begins end of each partition of the documents topic before its first document
   * @param documents their number once it is complete
   */
  record Recorded(UUID id, List<Long> begins, @Nullable Long documents) {}

  /** Adds an upload unless there is one with that key. */
  void add(DatasetEntry dataset, String key, List<Long> begins) {
    jdbc.sql(
            """
            insert into upload (dataset, dataset_created_at, key, id, begins, created_at)
            values (:dataset, :datasetCreatedAt, :key, :id, :begins, :now) on conflict do nothing
            """)
        .param("dataset", dataset.name())
        .param("datasetCreatedAt", Timestamp.from(dataset.createdAt()))
        .param("key", key)
        .param("id", UUID.randomUUID())
        .param("begins", begins.toArray(Long[]::new))
        .param("now", now())
        .update();
  }

  /** Takes an upload that nobody works on. */
  Optional<Recorded> claim(DatasetEntry dataset, String key, UUID owner, Duration takeover) {
    return jdbc.sql(
            """
            update upload set owner = :owner, heartbeat_at = :now
            where dataset = :dataset and dataset_created_at = :datasetCreatedAt and key = :key
              and (owner is null or heartbeat_at < :stale)
            returning id, begins, documents
            """)
        .param("owner", owner)
        .param("now", now())
        .param("dataset", dataset.name())
        .param("datasetCreatedAt", Timestamp.from(dataset.createdAt()))
        .param("key", key)
        .param("stale", Timestamp.from(clock.instant().minus(takeover)))
        .query(UploadStore::read)
        .optional();
  }

  /** Says that the owner is alive; false if the upload is not the owner's any more. */
  boolean heartbeat(UUID owner) {
    return jdbc.sql("update upload set heartbeat_at = :now where owner = :owner")
            .param("now", now())
            .param("owner", owner)
            .update()
        == 1;
  }

  /** Notes that an upload is complete. */
  void complete(UUID owner, long documents) {
    jdbc.sql("update upload set documents = :documents where owner = :owner")
        .param("documents", documents)
        .param("owner", owner)
        .update();
  }

  /** Lets another request with the same key have the upload. */
  void release(UUID owner) {
    jdbc.sql("update upload set owner = null, heartbeat_at = null where owner = :owner")
        .param("owner", owner)
        .update();
  }

  /** Forgets the uploads that began before an instant and that nobody has worked on since. */
  void forgetOlder(Instant than) {
    jdbc.sql(
            """
            delete from upload where created_at < :than and (owner is null or heartbeat_at < :than)
            """)
        .param("than", Timestamp.from(than))
        .update();
  }

  private Timestamp now() {
    return Timestamp.from(clock.instant());
  }

  private static Recorded read(ResultSet row, int number) throws SQLException {
    return new Recorded(
        row.getObject("id", UUID.class),
        List.of((Long[]) row.getArray("begins").getArray()),
        row.getObject("documents", Long.class));
  }
}

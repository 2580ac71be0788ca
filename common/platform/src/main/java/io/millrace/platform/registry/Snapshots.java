package io.millrace.platform.registry;

import io.millrace.platform.error.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Snapshots of datasets in PostgreSQL's schema {@code registry}. Every method takes part in the
 * caller's transaction if there is one.
 */
public final class Snapshots {
  private static final TypeReference<Map<String, Long>> COUNTS = new TypeReference<>() {};

  private final JdbcClient jdbc;
  private final JsonMapper json = JsonMapper.builder().build();

  Snapshots(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Adds a snapshot in the caller's transaction.
   *
   * @throws MillraceException ALREADY_EXISTS
   * @throws IllegalStateException without a transaction
   */
  public void add(SnapshotEntry snapshot) {
    Registry.requireTransaction();
    try {
      jdbc.sql(
              """
              insert into registry.snapshot (dataset, version, sha256, counts, warnings, created_at)
              values (:dataset, :version, :sha256, cast(:counts as jsonb), :warnings, :createdAt)
              """)
          .param("dataset", snapshot.dataset())
          .param("version", snapshot.version())
          .param("sha256", snapshot.sha256())
          .param("counts", json.writeValueAsString(snapshot.counts()))
          .param("warnings", snapshot.warnings().toArray(String[]::new))
          .param("createdAt", Timestamp.from(snapshot.createdAt()))
          .update();
    } catch (DuplicateKeyException e) {
      throw MillraceException.alreadyExists(
          "snapshot", snapshot.dataset() + "/" + snapshot.version());
    }
    addRanges(snapshot, false, snapshot.train());
    addRanges(snapshot, true, snapshot.heldout());
  }

  /** The snapshot of that version; of version 0, the newest. */
  public Optional<SnapshotEntry> find(String dataset, int version) {
    return jdbc.sql(
            """
            select * from registry.snapshot
            where dataset = :dataset and (:version = 0 or version = :version)
            order by version desc limit 1
            """)
        .param("dataset", dataset)
        .param("version", version)
        .query(this::readSnapshot)
        .optional()
        .map(this::withRanges);
  }

  /** All snapshots of a dataset, oldest first. */
  public List<SnapshotEntry> list(String dataset) {
    return jdbc
        .sql("select * from registry.snapshot where dataset = :dataset order by version")
        .param("dataset", dataset)
        .query(this::readSnapshot)
        .list()
        .stream()
        .map(this::withRanges)
        .toList();
  }

  /** Deletes all snapshots of a dataset, in the caller's transaction. */
  void deleteOf(String dataset) {
    for (String table : List.of("snapshot_range", "snapshot")) {
      jdbc.sql("delete from registry." + table + " where dataset = :name")
          .param("name", dataset)
          .update();
    }
  }

  private void addRanges(
      SnapshotEntry snapshot, boolean heldout, List<SnapshotEntry.Range> ranges) {
    for (SnapshotEntry.Range range : ranges) {
      jdbc.sql(
              """
              insert into registry.snapshot_range (dataset, version, heldout, topic, partition,
                begin_offset, end_offset, records)
              values (:dataset, :version, :heldout, :topic, :partition, :begin, :end, :records)
              """)
          .param("dataset", snapshot.dataset())
          .param("version", snapshot.version())
          .param("heldout", heldout)
          .param("topic", range.topic())
          .param("partition", range.partition())
          .param("begin", range.begin())
          .param("end", range.end())
          .param("records", range.records())
          .update();
    }
  }

  private SnapshotEntry withRanges(SnapshotEntry snapshot) {
    List<SnapshotEntry.Range> train = new ArrayList<>();
    List<SnapshotEntry.Range> heldout = new ArrayList<>();
    jdbc.sql(
            """
            select * from registry.snapshot_range where dataset = :dataset and version = :version
            order by topic, partition, begin_offset
            """)
        .param("dataset", snapshot.dataset())
        .param("version", snapshot.version())
        .query(row -> {
          (row.getBoolean("heldout") ? heldout : train)
              .add(
                  new SnapshotEntry.Range(
                      row.getString("topic"),
                      row.getInt("partition"),
                      row.getLong("begin_offset"),
                      row.getLong("end_offset"),
                      row.getLong("records")));
        });
    return new SnapshotEntry(
        snapshot.dataset(),
        snapshot.version(),
        train,
        heldout,
        snapshot.sha256(),
        snapshot.counts(),
        snapshot.warnings(),
        snapshot.createdAt());
  }

  private SnapshotEntry readSnapshot(ResultSet row, int number) throws SQLException {
    return new SnapshotEntry(
        row.getString("dataset"),
        row.getInt("version"),
        List.of(),
        List.of(),
        row.getString("sha256"),
        json.readValue(row.getString("counts"), COUNTS),
        List.of((String[]) row.getArray("warnings").getArray()),
        row.getTimestamp("created_at").toInstant());
  }
}

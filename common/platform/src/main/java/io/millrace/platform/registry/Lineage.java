package io.millrace.platform.registry;

import io.millrace.platform.error.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which run needs which dataset, in PostgreSQL's schema {@code registry}: training writes it in the
 * transactions that change runs, so that the data service can tell whether a dataset is free. Every
 * method takes part in the caller's transaction if there is one.
 */
public final class Lineage {
  private static final TypeReference<Map<String, Long>> COUNTS = new TypeReference<>() {};
  private static final int NAMED_AT_MOST = 5;

  private final JdbcClient jdbc;
  private final JsonMapper json = JsonMapper.builder().build();

  /** On the service's data source. */
  public Lineage(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A run needs a snapshot from now on, until it is {@linkplain #release released}.
   *
   * @throws MillraceException NOT_FOUND if the dataset does not exist, FAILED_PRECONDITION if it is
   *     being deleted
   * @throws IllegalStateException without a transaction
   */
  public void use(LineageEntry entry) {
    Registry.requireTransaction();
    boolean deleting =
        jdbc.sql("select deleting from registry.dataset where name = :name for share")
            .param("name", entry.dataset())
            .query(Boolean.class)
            .optional()
            .orElseThrow(() -> MillraceException.notFound("dataset", entry.dataset()));
    if (deleting) {
      throw MillraceException.precondition("dataset '" + entry.dataset() + "' is being deleted");
    }
    jdbc.sql(
            """
            insert into registry.lineage (run_id, model, dataset, snapshot, snapshot_sha256, counts,
              sealed_at, in_use)
            values (:run, :model, :dataset, :snapshot, :sha256, cast(:counts as jsonb), :sealedAt, true)
            """)
        .param("run", entry.runId())
        .param("model", entry.model())
        .param("dataset", entry.dataset())
        .param("snapshot", entry.snapshot())
        .param("sha256", entry.snapshotSha256())
        .param("counts", json.writeValueAsString(entry.counts()))
        .param("sealedAt", Timestamp.from(entry.sealedAt()))
        .update();
  }

  /** A run is finished and needs neither its dataset nor the versions that it began from. */
  public void release(String runId) {
    jdbc.sql("delete from registry.version_use where run_id = :run").param("run", runId).update();
    jdbc.sql("update registry.lineage set in_use = false where run_id = :run")
        .param("run", runId)
        .update();
  }

  /** What a run learns or learned from; none for one that this registry has not seen. */
  public Optional<LineageEntry> find(String runId) {
    return jdbc.sql("select * from registry.lineage where run_id = :run")
        .param("run", runId)
        .query(this::read)
        .optional();
  }

  /**
   * Keeps a dataset from being used from now on, for it is to be deleted; may be done again.
   *
   * @param force whether runs that need it are left without, and fail
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION naming the runs that need it
   * @throws IllegalStateException without a transaction
   */
  public void beginDeletion(String dataset, boolean force) {
    Registry.requireTransaction();
    // Locks out who would use it; who has begun to is seen below.
    int rows =
        jdbc.sql("update registry.dataset set deleting = true where name = :name")
            .param("name", dataset)
            .update();
    if (rows == 0) {
      throw MillraceException.notFound("dataset", dataset);
    }
    List<LineageEntry> users =
        jdbc.sql("select * from registry.lineage where dataset = :name and in_use order by run_id")
            .param("name", dataset)
            .query(this::read)
            .list();
    if (!users.isEmpty() && !force) {
      throw MillraceException.precondition(
          "dataset '%s' is in use by %s; cancel %s first, or let an administrator delete it with force"
              .formatted(dataset, named(users), users.size() == 1 ? "it" : "them"));
    }
    jdbc.sql(
            """
            update registry.lineage set in_use = false, dataset_deleted_at = clock_timestamp()
            where dataset = :name and dataset_deleted_at is null
            """)
        .param("name", dataset)
        .update();
  }

  private static String named(List<LineageEntry> users) {
    List<String> first =
        users.stream()
            .limit(NAMED_AT_MOST)
            .map(user -> "run %s (model %s)".formatted(user.runId(), user.model()))
            .toList();
    int more = users.size() - first.size();
    return String.join(", ", first) + (more == 0 ? "" : " and %d more".formatted(more));
  }

  private LineageEntry read(ResultSet row, int number) throws SQLException {
    Timestamp deleted = row.getTimestamp("dataset_deleted_at");
    return new LineageEntry(
        row.getString("run_id"),
        row.getString("model"),
        row.getString("dataset"),
        row.getInt("snapshot"),
        row.getString("snapshot_sha256"),
        json.readValue(row.getString("counts"), COUNTS),
        row.getTimestamp("sealed_at").toInstant(),
        deleted == null ? null : deleted.toInstant());
  }
}

package io.millrace.platform.registry;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Datasets and snapshots in PostgreSQL's schema {@code registry}, the truth that services share;
 * models are in {@link ModelRegistry}. Every method takes part in the caller's transaction if there
 * is one.
 */
public final class Registry {
  private static final TypeReference<Map<String, Long>> COUNTS = new TypeReference<>() {};

  private final JdbcClient jdbc;
  private final JsonMapper json = JsonMapper.builder().build();

  /** A registry on the service's data source. */
  public Registry(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Adds a dataset.
   *
   * @throws MillraceException ALREADY_EXISTS
   */
  public void createDataset(DatasetEntry dataset) {
    StatementSpec insert =
        jdbc.sql(
                """
                insert into registry.dataset (name, kind, pack_length, image_width, image_height,
                  heldout_percent, classes, vocab_size, tokenizer_location, tokenizer_sha256, created_at)
                values (:name, :kind, :packLength, :imageWidth, :imageHeight, :heldoutPercent, :classes,
                  :vocabSize, :tokenizerLocation, :tokenizerSha256, :createdAt)
                on conflict do nothing
                """)
            .param("name", dataset.name())
            .param("kind", dataset.kind().name())
            .param("packLength", dataset.packLength())
            .param("imageWidth", dataset.imageWidth())
            .param("imageHeight", dataset.imageHeight())
            .param("heldoutPercent", dataset.heldoutPercent())
            .param("classes", dataset.classes().toArray(String[]::new))
            .param("createdAt", Timestamp.from(dataset.createdAt()));
    TokenizerEntry tokenizer = dataset.tokenizer();
    int rows =
        insert
            .param("vocabSize", tokenizer == null ? 0 : tokenizer.vocabSize())
            .param("tokenizerLocation", tokenizer == null ? null : tokenizer.location())
            .param("tokenizerSha256", tokenizer == null ? null : tokenizer.sha256())
            .update();
    if (rows == 0) {
      throw MillraceException.alreadyExists("dataset", dataset.name());
    }
  }

  /**
   * Gives a dataset its tokenizer, once and for all: what is packed was packed with it.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if it has another one
   */
  public void setTokenizer(String dataset, TokenizerEntry tokenizer) {
    int rows =
        jdbc.sql(
                """
                update registry.dataset set tokenizer_location = :location, tokenizer_sha256 = :sha256,
                  vocab_size = :vocabSize
                where name = :name and (tokenizer_sha256 is null or tokenizer_sha256 = :sha256)
                """)
            .param("location", tokenizer.location())
            .param("sha256", tokenizer.sha256())
            .param("vocabSize", tokenizer.vocabSize())
            .param("name", dataset)
            .update();
    if (rows == 0) {
      requireDataset(dataset);
      throw MillraceException.precondition(
          "dataset '" + dataset + "' has another tokenizer already");
    }
  }

  /** The dataset of that name, if there is one. */
  public Optional<DatasetEntry> dataset(String name) {
    return jdbc.sql("select * from registry.dataset where name = :name")
        .param("name", name)
        .query(Registry::readDataset)
        .optional();
  }

  /**
   * The dataset of that name.
   *
   * @throws MillraceException NOT_FOUND
   */
  public DatasetEntry requireDataset(String name) {
    return dataset(name).orElseThrow(() -> MillraceException.notFound("dataset", name));
  }

  /** All datasets, by name. */
  public List<DatasetEntry> datasets() {
    return jdbc.sql("select * from registry.dataset order by name")
        .query(Registry::readDataset)
        .list();
  }

  /**
   * Deletes a dataset and its snapshots, in one transaction; what a run learned from can then not
   * be read again.
   *
   * @throws MillraceException NOT_FOUND
   * @throws IllegalStateException without a transaction
   */
  public void deleteDataset(String name) {
    requireTransaction();
    lockDataset(name);
    for (String table : List.of("snapshot_range", "snapshot")) {
      jdbc.sql("delete from registry." + table + " where dataset = :name")
          .param("name", name)
          .update();
    }
    jdbc.sql("delete from registry.dataset where name = :name").param("name", name).update();
  }

  /**
   * Keeps others from sealing or deleting the dataset until the caller's transaction ends.
   *
   * @throws MillraceException NOT_FOUND
   * @throws IllegalStateException without a transaction
   */
  public void lockDataset(String name) {
    requireTransaction();
    if (jdbc.sql("select name from registry.dataset where name = :name for update")
        .param("name", name)
        .query(String.class)
        .optional()
        .isEmpty()) {
      throw MillraceException.notFound("dataset", name);
    }
  }

  /**
   * Adds a snapshot in the caller's transaction.
   *
   * @throws MillraceException ALREADY_EXISTS
   * @throws IllegalStateException without a transaction
   */
  public void addSnapshot(SnapshotEntry snapshot) {
    requireTransaction();
    try {
      jdbc.sql(
              """
              insert into registry.snapshot (dataset, version, sha256, counts, created_at)
              values (:dataset, :version, :sha256, cast(:counts as jsonb), :createdAt)
              """)
          .param("dataset", snapshot.dataset())
          .param("version", snapshot.version())
          .param("sha256", snapshot.sha256())
          .param("counts", json.writeValueAsString(snapshot.counts()))
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
  public Optional<SnapshotEntry> snapshot(String dataset, int version) {
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
  public List<SnapshotEntry> snapshots(String dataset) {
    return jdbc
        .sql("select * from registry.snapshot where dataset = :dataset order by version")
        .param("dataset", dataset)
        .query(this::readSnapshot)
        .list()
        .stream()
        .map(this::withRanges)
        .toList();
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
        snapshot.createdAt());
  }

  private static DatasetEntry readDataset(ResultSet row, int number) throws SQLException {
    String location = row.getString("tokenizer_location");
    Array classes = row.getArray("classes");
    return new DatasetEntry(
        row.getString("name"),
        DatasetEntry.Kind.valueOf(row.getString("kind")),
        row.getInt("pack_length"),
        row.getInt("image_width"),
        row.getInt("image_height"),
        row.getDouble("heldout_percent"),
        List.of((String[]) classes.getArray()),
        location == null
            ? null
            : new TokenizerEntry(
                location, row.getString("tokenizer_sha256"), row.getInt("vocab_size")),
        row.getTimestamp("created_at").toInstant());
  }

  private SnapshotEntry readSnapshot(ResultSet row, int number) throws SQLException {
    return new SnapshotEntry(
        row.getString("dataset"),
        row.getInt("version"),
        List.of(),
        List.of(),
        row.getString("sha256"),
        json.readValue(row.getString("counts"), COUNTS),
        row.getTimestamp("created_at").toInstant());
  }

  static void requireTransaction() {
    if (!TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new IllegalStateException("this method of the registry needs a transaction");
    }
  }
}

package io.millrace.platform.registry;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * Datasets in PostgreSQL's schema {@code registry}, the truth that services share; models are in
 * {@link ModelRegistry}. Every method takes part in the caller's transaction if there is one.
 */
public final class Registry {
  private final JdbcClient jdbc;
  private final JsonMapper json =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
  private final Snapshots snapshots;

  /** A registry on the service's data source. */
  public Registry(JdbcClient jdbc) {
    this.jdbc = jdbc;
    this.snapshots = new Snapshots(jdbc);
  }

  /** Snapshots of the datasets. */
  public Snapshots snapshots() {
    return snapshots;
  }

  /**
   * Adds a dataset.
   *
   * @throws MillraceException ALREADY_EXISTS
   */
  public void createDataset(DatasetEntry dataset) {
    int rows =
        jdbc.sql(
                """
                insert into registry.dataset (name, content, heldout_percent, documents, created_at)
                values (:name, cast(:content as jsonb), :heldoutPercent, cast(:documents as jsonb),
                  :createdAt)
                on conflict do nothing
                """)
            .param("name", dataset.name())
            .param("content", json.writerFor(Content.class).writeValueAsString(dataset.content()))
            .param("heldoutPercent", dataset.heldoutPercent())
            .param("documents", json.writeValueAsString(dataset.intake()))
            .param("createdAt", Timestamp.from(dataset.createdAt()))
            .update();
    if (rows == 0) {
      throw MillraceException.alreadyExists("dataset", dataset.name());
    }
  }

  /**
   * Gives a dataset its tokenizer, once and for all: what is packed was packed with it.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if it has another one or no texts
   */
  public void setTokenizer(String dataset, TokenizerEntry tokenizer) {
    int rows =
        jdbc.sql(
                """
                update registry.dataset
                set content = jsonb_set(content, '{tokenizer}', cast(:tokenizer as jsonb))
                where name = :name and content ->> 'kind' = 'text'
                  and (content ->> 'tokenizer' is null or content -> 'tokenizer' ->> 'sha256' = :sha256)
                """)
            .param("tokenizer", json.writeValueAsString(tokenizer))
            .param("sha256", tokenizer.sha256())
            .param("name", dataset)
            .update();
    if (rows == 0) {
      Content content = requireDataset(dataset).content();
      throw switch (content) {
        case Content.Text text ->
            MillraceException.precondition(
                "dataset '" + dataset + "' has another tokenizer already");
        case Content.Pictures _, Content.Rows _ ->
            MillraceException.precondition(
                "dataset '%s' holds %s, which need no tokenizer"
                    .formatted(dataset, content.kind()));
      };
    }
  }

  /**
   * Changes how a dataset takes documents, in the caller's transaction.
   *
   * @throws MillraceException NOT_FOUND
   */
  public void setIntake(String dataset, IntakePolicy intake) {
    int rows =
        jdbc.sql(
                "update registry.dataset set documents = cast(:intake as jsonb) where name = :name")
            .param("intake", json.writeValueAsString(intake))
            .param("name", dataset)
            .update();
    if (rows == 0) {
      throw MillraceException.notFound("dataset", dataset);
    }
  }

  /** The dataset of that name, if there is one. */
  public Optional<DatasetEntry> dataset(String name) {
    return jdbc.sql("select * from registry.dataset where name = :name")
        .param("name", name)
        .query(this::readDataset)
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
    return jdbc.sql("select * from registry.dataset order by name").query(this::readDataset).list();
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
    snapshots.deleteOf(name);
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

  private DatasetEntry readDataset(ResultSet row, int number) throws SQLException {
    return new DatasetEntry(
        row.getString("name"),
        json.readValue(row.getString("content"), Content.class),
        row.getDouble("heldout_percent"),
        json.readValue(row.getString("documents"), IntakePolicy.class),
        row.getTimestamp("created_at").toInstant());
  }

  static void requireTransaction() {
    if (!TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new IllegalStateException("this method of the registry needs a transaction");
    }
  }
}

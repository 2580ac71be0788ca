package io.millrace.platform.registry;

import io.millrace.platform.error.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Model versions in PostgreSQL's schema {@code registry}: what training published and inference
 * serves. A version that was {@linkplain Deletions deleted} is there for nobody. Every method takes
 * part in the caller's transaction if there is one.
 */
public final class ModelRegistry {
  private static final TypeReference<Map<String, Double>> METRICS = new TypeReference<>() {};

  private final JdbcClient jdbc;
  private final JsonMapper json = JsonMapper.builder().build();
  private final Promotions promotions;
  private final VersionHolds holds;
  private final Deletions deletions;
  private final RunRules runRules;

  /** A registry on the service's data source. */
  public ModelRegistry(JdbcClient jdbc) {
    this.jdbc = jdbc;
    this.promotions = new Promotions(jdbc, this);
    this.holds = new VersionHolds(jdbc);
    this.deletions = new Deletions(jdbc, this, holds);
    this.runRules = new RunRules(jdbc);
  }

  /** Which versions something needs. */
  public VersionHolds holds() {
    return holds;
  }

  /** How versions end. */
  public Deletions deletions() {
    return deletions;
  }

  /** What runs decide about their own versions. */
  public RunRules runRules() {
    return runRules;
  }

  /** Which versions are to serve. */
  public Promotions promotions() {
    return promotions;
  }

  /**
   * Publishes a model version in the caller's transaction and promotes it if the model's policy
   * says so, to be followed by {@code Outbox.append} in the same one.
   *
   * @throws MillraceException ALREADY_EXISTS if there is such a version, FAILED_PRECONDITION if a
   *     later lease of the same run has published already: the caller is a zombie and must stop
   * @throws IllegalStateException without a transaction
   */
  public void publish(ModelVersion version) {
    // The check below has to see the last one.
    lockModel(version.model());
    long newest =
        jdbc.sql(
                "select coalesce(max(fencing_token), 0) from registry.model_version where run_id = :run")
            .param("run", version.runId())
            .query(Long.class)
            .single();
    if (version.fencingToken() < newest) {
      throw MillraceException.precondition(
          "run '"
              + version.runId()
              + "' was taken over: fencing token "
              + version.fencingToken()
              + " is older than "
              + newest);
    }
    int rows =
        jdbc.sql(
                """
                insert into registry.model_version (model, version, task, run_id, fencing_token, step,
                  location, manifest_sha256, bytes, metrics, created_at)
                values (:model, :version, :task, :run, :token, :step, :location, :sha256,
                  nullif(:bytes, 0), cast(:metrics as jsonb), :createdAt)
                on conflict do nothing
                """)
            .param("model", version.model())
            .param("version", version.version())
            .param("task", version.task())
            .param("run", version.runId())
            .param("token", version.fencingToken())
            .param("step", version.step())
            .param("location", version.location())
            .param("sha256", version.manifestSha256())
            .param("bytes", version.bytes())
            .param("metrics", json.writeValueAsString(version.metrics()))
            .param("createdAt", Timestamp.from(version.createdAt()))
            .update();
    if (rows == 0) {
      throw MillraceException.alreadyExists(
          "model version", version.model() + "/" + version.version());
    }
    promotions.published(version);
  }

  /**
   * Lets publishers of one model go one after the other until the caller's transaction ends.
   *
   * @throws IllegalStateException without a transaction
   */
  public void lockModel(String model) {
    Registry.requireTransaction();
    jdbc.sql("select pg_advisory_xact_lock(hashtextextended('registry.model:' || :model, 0))")
        .param("model", model)
        .query((rows, number) -> true)
        .single();
  }

  /**
   * The version that the model's next checkpoint gets; 1 for a model that never had any. Numbers of
   * deleted versions are not used again.
   */
  public int nextVersion(String model) {
    return jdbc.sql(
            "select coalesce(max(version), 0) + 1 from registry.model_version where model = :model")
        .param("model", model)
        .query(Integer.class)
        .single();
  }

  /** The newest version of every model, by name. */
  public List<ModelVersion> latestModels() {
    return jdbc.sql(
            """
            select distinct on (model) * from registry.model_version
            where deleted_at is null order by model, version desc
            """)
        .query(this::readModel)
        .list();
  }

  /** The newest version of a model. */
  public Optional<ModelVersion> latestModel(String model) {
    return jdbc.sql(
            """
            select * from registry.model_version
            where model = :model and deleted_at is null order by version desc limit 1
            """)
        .param("model", model)
        .query(this::readModel)
        .optional();
  }

  /** One version of a model. */
  public Optional<ModelVersion> model(String model, int version) {
    return jdbc.sql(
            """
            select * from registry.model_version
            where model = :model and version = :version and deleted_at is null
            """)
        .param("model", model)
        .param("version", version)
        .query(this::readModel)
        .optional();
  }

  /**
   * The version of that number.
   *
   * @throws MillraceException NOT_FOUND, saying what became of it if it was there
   */
  public ModelVersion require(String model, int version) {
    return model(model, version)
        .orElseThrow(() -> deletions.notFound(model, version, model + "/" + version));
  }

  /**
   * The version that is meant.
   *
   * @param unnamed what is meant where none is named
   * @throws MillraceException NOT_FOUND, saying what became of it if it was there
   */
  public ModelVersion require(VersionRef wanted, VersionRef.Alias unnamed) {
    return switch (wanted.which()) {
      case VersionRef.Number(int version) ->
          model(wanted.model(), version)
              .orElseThrow(() -> deletions.notFound(wanted.model(), version, wanted.toString()));
      case VersionRef.Alias alias -> require(wanted.model(), alias);
      case VersionRef.Unnamed() -> require(wanted.model(), unnamed);
    };
  }

  private ModelVersion require(String model, VersionRef.Alias alias) {
    return switch (alias) {
      case LATEST ->
          latestModel(model).orElseThrow(() -> MillraceException.notFound("model", model));
      case STABLE ->
          promotions
              .current(model)
              .map(Promotion::version)
              .orElseThrow(() ->
                  latestModel(model).isEmpty()
                      ? MillraceException.notFound("model", model)
                      : MillraceException.precondition(
                          "model '%s' has no stable version: none was promoted".formatted(model)));
    };
  }

  /**
   * Why a name is not that of a new model, to go on after the name: it has versions, or a run
   * learns it. Empty: it is free.
   */
  public Optional<String> taken(String model) {
    return latestModel(model)
        .map(version -> "has version %d".formatted(version.version()))
        .or(() -> holds.learnerOf(model).map(run -> "is being learned by run '%s'".formatted(run)));
  }

  /**
   * Checks that versions of a model have a figure.
   *
   * @throws MillraceException INVALID_ARGUMENT naming those they have
   */
  void requireFigure(String model, String figure) {
    Set<String> figures = new TreeSet<>();
    models(model).forEach(version -> figures.addAll(version.metrics().keySet()));
    if (!figures.contains(figure)) {
      throw MillraceException.invalid(
          "figure",
          "no version of model '%s' has the figure '%s'; they have %s"
              .formatted(model, figure, figures.isEmpty() ? "none" : String.join(", ", figures)));
    }
  }

  /** How many versions a run has published, deleted ones included. */
  public int publishedBy(String runId) {
    return jdbc.sql("select count(*) from registry.model_version where run_id = :run")
        .param("run", runId)
        .query(Integer.class)
        .single();
  }

  /** All versions that a run has published, oldest first, deleted ones included. */
  public List<ModelVersion> historyOf(String runId) {
    return jdbc.sql("select * from registry.model_version where run_id = :run order by version")
        .param("run", runId)
        .query(this::readModel)
        .list();
  }

  /** The version of a run whose files are at a location. */
  public Optional<ModelVersion> modelAt(String runId, String location) {
    return modelsOfRun(runId).stream()
        .filter(version -> version.location().equals(location))
        .findFirst();
  }

  /** All versions that a run published, oldest first; a run resumes from the last one. */
  public List<ModelVersion> modelsOfRun(String runId) {
    return jdbc.sql(
            """
            select * from registry.model_version
            where run_id = :run and deleted_at is null order by version
            """)
        .param("run", runId)
        .query(this::readModel)
        .list();
  }

  /** All versions of a model, oldest first. */
  public List<ModelVersion> models(String model) {
    return jdbc.sql(
            """
            select * from registry.model_version
            where model = :model and deleted_at is null order by version
            """)
        .param("model", model)
        .query(this::readModel)
        .list();
  }

  ModelVersion readModel(ResultSet row, int number) throws SQLException {
    return new ModelVersion(
        row.getString("model"),
        row.getInt("version"),
        row.getString("task"),
        row.getString("run_id"),
        row.getLong("fencing_token"),
        row.getLong("step"),
        row.getString("location"),
        row.getString("manifest_sha256"),
        row.getLong("bytes"),
        json.readValue(row.getString("metrics"), METRICS),
        row.getTimestamp("created_at").toInstant());
  }
}

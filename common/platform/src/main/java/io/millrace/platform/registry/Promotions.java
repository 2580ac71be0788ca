package io.millrace.platform.registry;

import io.millrace.platform.error.MillraceException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which versions of models are to serve, in PostgreSQL's schema {@code registry}. The last
 * promotion of a model counts; what cannot be served falls back to the ones before. Methods that
 * change something need the caller's transaction.
 */
public final class Promotions {
  private final JdbcClient jdbc;
  private final ModelRegistry models;

  Promotions(JdbcClient jdbc, ModelRegistry models) {
    this.jdbc = jdbc;
    this.models = models;
  }

  /** How a model's checkpoints are promoted. */
  public record Rule(PromotionPolicy policy, boolean pinned) {}

  /**
   * How a model's checkpoints are promoted.
   *
   * @throws MillraceException NOT_FOUND for a model without any
   */
  public Rule rule(String model) {
    return find(model)
        .filter(unused -> models.latestModel(model).isPresent())
        .orElseThrow(() -> MillraceException.notFound("model", model));
  }

  /**
   * Changes the policy; what serves stays until the next checkpoint.
   *
   * @throws MillraceException NOT_FOUND, or INVALID_ARGUMENT if no version has the figure
   */
  public void setPolicy(String model, PromotionPolicy policy) {
    Registry.requireTransaction();
    rule(model);
    if (policy instanceof PromotionPolicy.IfBetter(String figure, PromotionPolicy.Direction _)) {
      models.requireFigure(model, figure);
    }
    jdbc.sql("update registry.model set policy = cast(:policy as jsonb) where name = :model")
        .param("policy", PolicyColumns.text(policy))
        .param("model", model)
        .update();
  }

  /**
   * What is to serve of each version that was promoted, the last promotion first.
   *
   * @return a promotion a version, its last one
   */
  public List<Promotion> promotions(String model) {
    return jdbc.sql(
            """
            select * from (
              select distinct on (p.version) p.number, p.reason, p.promoted_at, v.*
              from registry.promotion p join registry.model_version v using (model, version)
              where p.model = :model and v.deleted_at is null
              order by p.version, p.number desc) newest
            order by number desc
            """)
        .param("model", model)
        .query(this::read)
        .list();
  }

  /** What was promoted last. */
  public Optional<Promotion> current(String model) {
    return promotions(model).stream().findFirst();
  }

  /**
   * Lets a version serve.
   *
   * @param pin whether new checkpoints are not promoted until {@link #unpin}; else as it was
   * @throws MillraceException NOT_FOUND if there is no such version
   */
  public Promotion promote(String model, int version, String reason, boolean pin, Instant now) {
    models.lockModel(model);
    ModelVersion wanted = models.require(model, version);
    if (pin) {
      setPinned(model, true);
    }
    return append(wanted, reason, now);
  }

  /**
   * Lets the version serve that served before, and pins it: the next checkpoint of a run would undo
   * it.
   *
   * @throws MillraceException FAILED_PRECONDITION if none did
   */
  public Promotion rollback(String model, Instant now) {
    models.lockModel(model);
    rule(model);
    List<Promotion> promotions = promotions(model);
    if (promotions.size() < 2) {
      throw MillraceException.precondition(
          "model '%s' has no version that served before".formatted(model));
    }
    return promote(model, promotions.get(1).version().version(), "rollback", /* pin= */ true, now);
  }

  /** New checkpoints are promoted again as the policy says. */
  public void unpin(String model) {
    Registry.requireTransaction();
    rule(model);
    setPinned(model, false);
  }

  /**
   * Promotes a version that was just published, if its run's policy says so, or else the model's.
   * The caller holds the model's lock.
   */
  Optional<Promotion> published(ModelVersion version) {
    Rule rule = find(version.model()).orElseGet(() -> add(version.model()));
    PromotionPolicy policy =
        models.runRules().find(version.runId()).map(RunRules.Own::policy).orElse(rule.policy());
    ModelVersion promoted = current(version.model()).map(Promotion::version).orElse(null);
    return !rule.pinned() && policy.promotes(version, promoted)
        ? Optional.of(append(version, kind(policy), version.createdAt()))
        : Optional.empty();
  }

  private Rule add(String model) {
    PromotionPolicy policy = new PromotionPolicy.Automatic();
    jdbc.sql("insert into registry.model (name, policy) values (:model, cast(:policy as jsonb))")
        .param("model", model)
        .param("policy", PolicyColumns.text(policy))
        .update();
    return new Rule(policy, /* pinned= */ false);
  }

  private Promotion append(ModelVersion version, String reason, Instant now) {
    return jdbc.sql(
            """
            insert into registry.promotion (model, number, version, reason, promoted_at)
            select :model, coalesce(max(number), 0) + 1, :version, :reason,
              cast(:at as timestamptz)
            from registry.promotion where model = :model
            returning number
            """)
        .param("model", version.model())
        .param("version", version.version())
        .param("reason", reason)
        .param("at", Timestamp.from(now))
        .query((row, unused) -> new Promotion(row.getLong("number"), version, reason, now))
        .single();
  }

  private void setPinned(String model, boolean pinned) {
    jdbc.sql("update registry.model set pinned = :pinned where name = :model")
        .param("pinned", pinned)
        .param("model", model)
        .update();
  }

  private Optional<Rule> find(String model) {
    return jdbc.sql("select policy, pinned from registry.model where name = :model")
        .param("model", model)
        .query((row, number) ->
            new Rule(PolicyColumns.promotion(row.getString("policy")), row.getBoolean("pinned")))
        .optional();
  }

  private Promotion read(ResultSet row, int number) throws SQLException {
    return new Promotion(
        row.getLong("number"),
        models.readModel(row, number),
        row.getString("reason"),
        row.getTimestamp("promoted_at").toInstant());
  }

  private static String kind(PromotionPolicy policy) {
    return switch (policy) {
      case PromotionPolicy.Automatic _ -> "automatic";
      case PromotionPolicy.Manual _ -> "manual";
      case PromotionPolicy.IfBetter _ -> "if_better";
    };
  }
}

package io.millrace.platform.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Rules that runs brought along, in PostgreSQL's schema {@code registry}: they hold for the
 * versions of their run, in place of their model's. Every method takes part in the caller's
 * transaction if there is one.
 */
public final class RunRules {
  private final JdbcClient jdbc;

  RunRules(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * What a run brought along.
   *
   * @param policy which of its versions are to serve; null: as its model says
   * @param retention which of its versions are kept; null: as its model says
   */
  public record Own(
      String run, @Nullable PromotionPolicy policy, @Nullable RetentionPolicy retention) {}

  /** A new run brings rules along; none if it has neither. */
  public void add(
      String run,
      String model,
      @Nullable PromotionPolicy policy,
      @Nullable RetentionPolicy retention) {
    if (policy == null && retention == null) {
      return;
    }
    jdbc.sql(
            """
            insert into registry.run_rules (run_id, model, policy, retention)
            values (:run, :model, cast(:policy as jsonb), cast(:retention as jsonb))
            """)
        .param("run", run)
        .param("model", model)
        .param("policy", policy == null ? null : PolicyColumns.text(policy))
        .param("retention", retention == null ? null : PolicyColumns.text(retention))
        .update();
  }

  /** What a run brought along, if anything. */
  public Optional<Own> find(String run) {
    return jdbc.sql("select * from registry.run_rules where run_id = :run")
        .param("run", run)
        .query(RunRules::read)
        .optional();
  }

  /** Runs of a model that brought rules along. */
  public List<Own> of(String model) {
    return jdbc.sql("select * from registry.run_rules where model = :model order by run_id")
        .param("model", model)
        .query(RunRules::read)
        .list();
  }

  /** A run is deleted: what its model says holds for its versions. */
  public void forget(String run) {
    jdbc.sql("delete from registry.run_rules where run_id = :run").param("run", run).update();
  }

  /** A model is deleted. */
  void forgetModel(String model) {
    jdbc.sql("delete from registry.run_rules where model = :model").param("model", model).update();
  }

  private static Own read(ResultSet row, int number) throws SQLException {
    String policy = row.getString("policy");
    String retention = row.getString("retention");
    return new Own(
        row.getString("run_id"),
        policy == null ? null : PolicyColumns.promotion(policy),
        retention == null ? null : PolicyColumns.retention(retention));
  }
}

package io.millrace.platform.registry;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * How versions of models end, in PostgreSQL's schema {@code registry}: by retention or by a person.
 * A deleted version is gone for everybody at once; its files are deleted later, by whoever asks for
 * {@link #uncollected}. Methods that change something need the caller's transaction.
 */
public final class Deletions {
  private static final int NAMED_AT_MOST = 5;

  private final JdbcClient jdbc;
  private final ModelRegistry models;
  private final VersionHolds holds;

  Deletions(JdbcClient jdbc, ModelRegistry models, VersionHolds holds) {
    this.jdbc = jdbc;
    this.models = models;
    this.holds = holds;
  }

  /** Which versions of a model are kept; empty: {@link RetentionPolicy#STANDARD}. */
  public Optional<RetentionPolicy> retention(String model) {
    return jdbc.sql(
            "select retention from registry.model where name = :model and retention is not null")
        .param("model", model)
        .query((row, number) -> PolicyColumns.retention(row.getString("retention")))
        .optional();
  }

  /**
   * Says which versions are kept; the others are deleted soon.
   *
   * @param policy null: {@link RetentionPolicy#STANDARD}
   * @throws MillraceException NOT_FOUND, or INVALID_ARGUMENT if no version has the figure
   */
  public void setRetention(String model, @Nullable RetentionPolicy policy) {
    Registry.requireTransaction();
    models.promotions().rule(model);
    if (policy != null && policy.figure() != null) {
      models.requireFigure(model, policy.figure());
    }
    jdbc.sql("update registry.model set retention = cast(:policy as jsonb) where name = :model")
        .param("policy", policy == null ? null : PolicyColumns.text(policy))
        .param("model", model)
        .update();
  }

  /**
   * Models that may have versions which are not kept: more than the newest ones that their policy
   * keeps in any case, or a run with a policy of its own.
   */
  public List<String> expirable() {
    return jdbc.sql(
            """
            select v.model from registry.model_version v
            left join registry.model m on m.name = v.model
            where v.deleted_at is null
            group by v.model, m.retention
            having count(*) > coalesce((m.retention ->> 'last')::int, :last)
              or exists (
                select from registry.run_rules r
                where r.model = v.model and r.retention is not null)
            order by v.model
            """)
        .param("last", RetentionPolicy.STANDARD.last())
        .query((row, number) -> row.getString("model"))
        .list();
  }

  /**
   * Deletes the versions of a model that its policy, or that of their run, does not keep and
   * nothing needs: neither what {@link VersionHolds} names, nor a rollback.
   *
   * @return those that were deleted
   */
  public List<ModelVersion> expire(String model, Instant now) {
    models.lockModel(model);
    List<ModelVersion> versions = models.models(model);
    Set<Integer> kept = kept(model, versions);
    if (kept.size() == versions.size()) {
      return List.of();
    }
    kept.addAll(holds.of(model).keySet());
    // The first serves, the second is what a rollback goes back to.
    models.promotions().promotions(model).stream()
        .limit(2)
        .forEach(promotion -> kept.add(promotion.version().version()));
    List<ModelVersion> expired = new ArrayList<>();
    for (ModelVersion version : versions) {
      if (!kept.contains(version.version())) {
        mark(model, version.version(), "by its model's retention", now);
        expired.add(version);
      }
    }
    return expired;
  }

  /** Runs with a retention of their own are counted apart. */
  private Set<Integer> kept(String model, List<ModelVersion> versions) {
    Set<Integer> kept = new HashSet<>();
    List<ModelVersion> others = new ArrayList<>(versions);
    for (RunRules.Own rules : models.runRules().of(model)) {
      RetentionPolicy own = rules.retention();
      if (own != null) {
        List<ModelVersion> ofRun =
            others.stream().filter(version -> version.runId().equals(rules.run())).toList();
        others.removeAll(ofRun);
        kept.addAll(own.kept(ofRun));
      }
    }
    kept.addAll(retention(model).orElse(RetentionPolicy.STANDARD).kept(others));
    return kept;
  }

  /**
   * Deletes a version.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if something needs it
   */
  public void delete(String model, int version, Instant now) {
    models.lockModel(model);
    ModelVersion there = models.require(model, version);
    String why = holds.of(model).get(version);
    if (why != null) {
      throw MillraceException.precondition(
          "version %d of model '%s' cannot be deleted: %s".formatted(version, model, why));
    }
    mark(model, there.version(), "by a request", now);
  }

  /**
   * Deletes a model: all its versions and what was decided about it. Its versions' numbers are not
   * used again by a later model of that name.
   *
   * @throws MillraceException NOT_FOUND, or FAILED_PRECONDITION if unfinished runs need it
   */
  public void deleteModel(String model, Instant now) {
    models.lockModel(model);
    models.promotions().rule(model);
    List<String> runs = holds.runsOf(model);
    if (!runs.isEmpty()) {
      throw MillraceException.precondition(
          "model '%s' is needed by %s that %s not finished: %s%s; cancel %s first"
              .formatted(
                  model,
                  runs.size() == 1 ? "a run" : runs.size() + " runs",
                  runs.size() == 1 ? "is" : "are",
                  String.join(", ", runs.subList(0, Math.min(runs.size(), NAMED_AT_MOST))),
                  runs.size() > NAMED_AT_MOST ? ", ..." : "",
                  runs.size() == 1 ? "it" : "them"));
    }
    for (ModelVersion version : models.models(model)) {
      mark(model, version.version(), "with its model", now);
    }
    jdbc.sql(
            """
            update registry.model set policy = '{"kind": "automatic"}', pinned = false, retention = null
            where name = :model
            """)
        .param("model", model)
        .update();
    models.runRules().forgetModel(model);
  }

  /** What became of a version that there was; empty if it is there, or never was. */
  public Optional<String> fate(String model, int version) {
    return jdbc.sql(
            """
            select deleted_why || ' at ' || to_char(deleted_at at time zone 'UTC',
              'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            from registry.model_version
            where model = :model and version = :version and deleted_at is not null
            """)
        .param("model", model)
        .param("version", version)
        .query(String.class)
        .optional()
        .map(fate -> "version %d of model '%s' was deleted %s".formatted(version, model, fate));
  }

  /** Deleted versions whose files may still be there. */
  public List<ModelVersion> uncollected() {
    return jdbc.sql(
            """
            select * from registry.model_version
            where deleted_at is not null and collected_at is null order by deleted_at, model, version
            """)
        .query(models::readModel)
        .list();
  }

  /**
   * The files of a deleted version are gone.
   *
   * @return why it was deleted; empty if somebody else has said so already
   */
  public Optional<String> collected(ModelVersion version, Instant now) {
    Registry.requireTransaction();
    return jdbc.sql(
            """
            update registry.model_version set collected_at = :now
            where model = :model and version = :version
              and deleted_at is not null and collected_at is null
            returning deleted_why
            """)
        .param("now", Timestamp.from(now))
        .param("model", version.model())
        .param("version", version.version())
        .query(String.class)
        .optional();
  }

  /** Where files of versions are, of deleted ones too whose files may still be there. */
  public Set<String> locations() {
    return Set.copyOf(
        jdbc.sql("select location from registry.model_version where collected_at is null")
            .query((row, number) -> row.getString("location"))
            .list());
  }

  /** Versions that were published before sizes were kept. */
  public List<ModelVersion> unmeasured() {
    return jdbc.sql(
            "select * from registry.model_version where bytes is null and deleted_at is null")
        .query(models::readModel)
        .list();
  }

  /** How many bytes the files of a version have. */
  public void measured(ModelVersion version, long bytes) {
    jdbc.sql(
            """
            update registry.model_version set bytes = :bytes
            where model = :model and version = :version
            """)
        .param("bytes", bytes)
        .param("model", version.model())
        .param("version", version.version())
        .update();
  }

  private void mark(String model, int version, String why, Instant now) {
    jdbc.sql(
            """
            update registry.model_version set deleted_at = :now, deleted_why = :why
            where model = :model and version = :version
            """)
        .param("now", Timestamp.from(now))
        .param("why", why)
        .param("model", model)
        .param("version", version)
        .update();
  }

  /** That a version is not there, with what became of it. */
  MillraceException notFound(String model, int version, String named) {
    return fate(model, version)
        .map(fate -> new MillraceException(ErrorCode.NOT_FOUND, fate))
        .orElseGet(() -> MillraceException.notFound("model version", named));
  }
}

package io.millrace.platform.registry;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which versions something needs, in PostgreSQL's schema {@code registry}: what is to serve, what
 * replicas serve, what unfinished runs resume or begin from. Neither retention nor a person deletes
 * them. Every method takes part in the caller's transaction if there is one.
 */
public final class VersionHolds {
  /** A replica that did not say for so long what it serves, serves nothing. */
  public static final Duration SERVED_FOR = Duration.ofMinutes(5);

  private final JdbcClient jdbc;

  VersionHolds(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** A version of a model. */
  public record Numbered(String model, int version) {}

  /** Why versions of a model are needed, for people; those that are not needed are left out. */
  public Map<Integer, String> of(String model) {
    Map<Integer, String> holds = new TreeMap<>();
    add(
        holds,
        model,
        """
        select v.version, 'run ' || v.run_id || ' resumes from it' as why
        from registry.model_version v join registry.lineage l using (run_id)
        where v.model = :model and l.in_use and v.deleted_at is null and v.version = (
          select max(version) from registry.model_version w
          where w.run_id = v.run_id and w.deleted_at is null)
        """);
    add(
        holds,
        model,
        """
        select version, 'run ' || run_id || ' begins from it' as why
        from registry.version_use where model = :model
        """);
    jdbc.sql(
            """
            select version from registry.served
            where model = :model
              and seen_at > clock_timestamp() - :seconds * interval '1 second'
            """)
        .param("model", model)
        .param("seconds", SERVED_FOR.toSeconds())
        .query(Integer.class)
        .list()
        .forEach(version -> holds.put(version, "a replica serves it"));
    add(
        holds,
        model,
        """
        select p.version, case when m.pinned then 'it is pinned' else 'it is what is to serve' end as why
        from registry.promotion p
        join registry.model_version v using (model, version)
        join registry.model m on m.name = p.model
        where p.model = :model and v.deleted_at is null order by p.number desc limit 1
        """);
    return holds;
  }

  private void add(Map<Integer, String> holds, String model, String query) {
    jdbc.sql(query)
        .param("model", model)
        .query(row -> {
          holds.put(row.getInt("version"), row.getString("why"));
        });
  }

  /**
   * A run needs these versions until it is {@linkplain Lineage#release released}. The caller's
   * transaction has the locks of their models.
   */
  public void use(String run, Collection<Numbered> versions) {
    for (Numbered one : versions) {
      jdbc.sql(
              """
              insert into registry.version_use (run_id, model, version)
              values (:run, :model, :version) on conflict do nothing
              """)
          .param("run", run)
          .param("model", one.model())
          .param("version", one.version())
          .update();
    }
  }

  /** An unfinished run that learns a model, if there is one. */
  Optional<String> learnerOf(String model) {
    return jdbc.sql(
            """
            select run_id from registry.lineage where model = :model and in_use
            order by run_id limit 1
            """)
        .param("model", model)
        .query((row, number) -> row.getString("run_id"))
        .optional();
  }

  /** Unfinished runs that learn a model or begin from one of its versions. */
  public List<String> runsOf(String model) {
    return jdbc.sql(
            """
            select run_id from registry.lineage where model = :model and in_use
            union select run_id from registry.version_use where model = :model
            order by run_id
            """)
        .param("model", model)
        .query((row, number) -> row.getString("run_id"))
        .list();
  }

  /**
   * What a replica serves now, in place of what it said before; to be said again before {@link
   * #SERVED_FOR} has passed.
   */
  public void serves(String replica, Collection<Numbered> versions) {
    jdbc.sql(
            """
            delete from registry.served where replica = :replica
              or seen_at < clock_timestamp() - :seconds * interval '1 second'
            """)
        .param("replica", replica)
        .param("seconds", SERVED_FOR.toSeconds())
        .update();
    for (Numbered one : versions) {
      jdbc.sql(
              """
              insert into registry.served (replica, model, version, seen_at)
              values (:replica, :model, :version, clock_timestamp())
              """)
          .param("replica", replica)
          .param("model", one.model())
          .param("version", one.version())
          .update();
    }
  }
}

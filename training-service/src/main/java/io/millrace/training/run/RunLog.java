package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.error.Reasons;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * What happened to runs, a line each, for people. Keeps the last {@value #KEPT} lines of a run and
 * drops those before. Every method takes part in the caller's transaction, which has the run's
 * lock.
 */
@Repository
public class RunLog {
  static final int KEPT = 1000;
  private static final int STANDARD = 100;

  private final JdbcClient jdbc;
  private final Clock clock;

  RunLog(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /**
   * A line.
   *
   * @param number from 1, one more with every line
   * @param at when it happened
   */
  record Line(
      @JsonProperty("number") long number,
      @JsonProperty("at") Instant at,
      @JsonProperty("text") String text) {}

  /**
   * Lines, oldest first.
   *
   * @param dropped lines of the run's beginning that are not kept any more
   * @param nextAfter where the next page begins; null: this is the last
   */
  record Page(long dropped, List<Line> lines, @Nullable Long nextAfter) {}

  /** Adds a line. */
  public void add(String run, String text) {
    long number =
        jdbc.sql(
                """
                insert into run_log (run_id, number, at, text)
                select :run, coalesce(max(number), 0) + 1, cast(:at as timestamptz), :text from run_log where run_id = :run
                returning number
                """)
            .param("run", run)
            .param("at", Timestamp.from(clock.instant()))
            .param("text", Reasons.storable(text))
            .query(Long.class)
            .single();
    if (number > KEPT) {
      jdbc.sql("delete from run_log where run_id = :run and number <= :last")
          .param("run", run)
          .param("last", number - KEPT)
          .update();
    }
  }

  /**
   * A page of the log.
   *
   * @param after number of the line before it; 0: from the beginning
   * @param limit 0: 100
   * @throws MillraceException INVALID_ARGUMENT
   */
  Page page(String run, long after, long limit) {
    if (limit < 0 || limit > KEPT) {
      throw MillraceException.invalid(
          "limit", "limit must be between 1 and %d, it is %d".formatted(KEPT, limit));
    }
    int most = limit == 0 ? STANDARD : (int) limit;
    List<Line> lines =
        jdbc.sql(
                """
                select * from run_log where run_id = :run and number > :after
                order by number limit :limit
                """)
            .param("run", run)
            .param("after", after)
            .param("limit", most + 1)
            .query((row, place) ->
                new Line(
                    row.getLong("number"),
                    row.getTimestamp("at").toInstant(),
                    row.getString("text")))
            .list();
    long dropped =
        jdbc.sql("select coalesce(min(number), 1) - 1 from run_log where run_id = :run")
            .param("run", run)
            .query(Long.class)
            .single();
    boolean more = lines.size() > most;
    List<Line> shown = more ? lines.subList(0, most) : lines;
    return new Page(dropped, shown, more ? shown.getLast().number() : null);
  }

  /** Deletes a log. */
  void delete(String run) {
    jdbc.sql("delete from run_log where run_id = :run").param("run", run).update();
  }
}

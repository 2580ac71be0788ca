package io.millrace.training.run;

import io.millrace.platform.error.MillraceException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Learning curves of runs: a point of every step. Steps that are learned again after a crash take
 * the place of what they were. Every method takes part in the caller's transaction if there is one.
 */
@Repository
public class RunCurves {
  private static final int STANDARD = 1000;
  private static final long MOST = 10_000;

  private final JdbcClient jdbc;

  RunCurves(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A part of a curve.
   *
   * @param total points of the whole curve
   * @param every the answer has one of so many points: 1, all
   * @param nextAfterStep where the next page begins; null: this is the last
   */
  record Page(long total, long every, List<CurvePoint> points, @Nullable Long nextAfterStep) {}

  /** Writes points of a locked run. */
  public void add(String run, List<CurvePoint> points) {
    if (points.isEmpty()) {
      return;
    }
    jdbc.sql(
            """
            insert into run_point (run_id, step, loss, learning_rate)
            select :run, * from unnest(:steps, :losses, :rates)
            on conflict (run_id, step)
              do update set loss = excluded.loss, learning_rate = excluded.learning_rate
            """)
        .param("run", run)
        .param("steps", points.stream().map(CurvePoint::step).toArray(Long[]::new))
        .param("losses", points.stream().map(CurvePoint::loss).toArray(Double[]::new))
        .param("rates", points.stream().map(CurvePoint::learningRate).toArray(Double[]::new))
        .update();
  }

  /**
   * All points of a page.
   *
   * @param afterStep of the page before; 0: from the beginning
   * @param limit 0: 1000
   * @throws MillraceException INVALID_ARGUMENT
   */
  Page page(String run, long afterStep, long limit) {
    int most = (int) within("limit", limit, STANDARD);
    List<CurvePoint> points =
        jdbc.sql(
                """
                select * from run_point where run_id = :run and step > :after
                order by step limit :limit
                """)
            .param("run", run)
            .param("after", afterStep)
            .param("limit", most + 1)
            .query((row, number) ->
                new CurvePoint(
                    row.getLong("step"), row.getDouble("loss"), row.getDouble("learning_rate")))
            .list();
    boolean more = points.size() > most;
    List<CurvePoint> shown = more ? points.subList(0, most) : points;
    return new Page(total(run), 1, shown, more ? shown.getLast().step() : null);
  }

  /**
   * Points at equal distances over the whole curve, the last one too.
   *
   * @param most about so many
   * @throws MillraceException INVALID_ARGUMENT
   */
  Page sample(String run, long most) {
    within("max_points", most, 0);
    long total = total(run);
    long every = Math.max(1, Math.ceilDiv(total, most));
    List<CurvePoint> points =
        jdbc.sql(
                """
                select * from (
                  select *, row_number() over (order by step) as place
                  from run_point where run_id = :run) numbered
                where place % :every = 1 % :every or place = :total order by step
                """)
            .param("run", run)
            .param("every", every)
            .param("total", total)
            .query((row, number) ->
                new CurvePoint(
                    row.getLong("step"), row.getDouble("loss"), row.getDouble("learning_rate")))
            .list();
    return new Page(total, every, points, null);
  }

  /** Deletes a curve. */
  void delete(String run) {
    jdbc.sql("delete from run_point where run_id = :run").param("run", run).update();
  }

  private long total(String run) {
    return jdbc.sql("select count(*) from run_point where run_id = :run")
        .param("run", run)
        .query(Long.class)
        .single();
  }

  /** The value, or what stands for 0. */
  private static long within(String field, long value, int standard) {
    if (value < 0 || value > MOST || (value == 0 && standard == 0)) {
      throw MillraceException.invalid(
          field, "%s must be between 1 and %d, it is %d".formatted(field, MOST, value));
    }
    return value == 0 ? standard : value;
  }
}

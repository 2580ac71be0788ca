package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.ModelRegistry;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** What became of runs: their curves and logs, for clients. */
@Service
class RunHistory {
  private final RunStore runs;
  private final RunCurves curves;
  private final RunLog log;
  private final ModelRegistry registry;

  RunHistory(RunStore runs, RunCurves curves, RunLog log, ModelRegistry registry) {
    this.runs = runs;
    this.curves = curves;
    this.log = log;
    this.registry = registry;
  }

  /**
   * Figures of a checkpoint.
   *
   * @param version of the model; it may have been deleted
   */
  record Evaluation(
      @JsonProperty("step") long step,
      @JsonProperty("version") int version,
      @JsonProperty("metrics") Map<String, Double> metrics) {}

  /**
   * A part of a learning curve.
   *
   * @param total points of the whole curve
   * @param every there is one of so many points: 1, all
   * @param nextAfterStep where the next page begins; null: this is the last
   * @param evaluations of the checkpoints within the steps of this part
   */
  record Curve(
      @JsonProperty("run_id") String runId,
      @JsonProperty("total") long total,
      @JsonProperty("every") long every,
      @JsonProperty("points") List<CurvePoint> points,
      @JsonProperty("next_after_step") @Nullable Long nextAfterStep,
      @JsonProperty("evaluations") List<Evaluation> evaluations) {}

  /**
   * Lines of a log, oldest first.
   *
   * @param dropped lines of the beginning that are not kept any more
   * @param nextAfter where the next page begins; null: this is the last
   */
  record Log(
      @JsonProperty("run_id") String runId,
      @JsonProperty("dropped") long dropped,
      @JsonProperty("lines") List<RunLog.Line> lines,
      @JsonProperty("next_after") @Nullable Long nextAfter) {}

  /**
   * A page of a curve, or all of it with fewer points.
   *
   * @param afterStep of the page before; 0: from the beginning
   * @param limit points of a page; 0: 1000
   * @param maxPoints of the whole curve; 0: a page
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT
   */
  Curve curve(String id, long afterStep, long limit, long maxPoints) {
    runs.require(id);
    if (maxPoints != 0 && (afterStep != 0 || limit != 0)) {
      throw MillraceException.invalid(
          "max_points", "max_points is of the whole curve; leave out after_step and limit");
    }
    RunCurves.Page page =
        maxPoints == 0 ? curves.page(id, afterStep, limit) : curves.sample(id, maxPoints);
    Long next = page.nextAfterStep();
    List<Evaluation> evaluations =
        registry.historyOf(id).stream()
            .filter(
                version -> version.step() > afterStep || (afterStep == 0 && version.step() == 0))
            .filter(version -> next == null || version.step() <= next)
            .map(version -> new Evaluation(version.step(), version.version(), version.metrics()))
            .toList();
    return new Curve(id, page.total(), page.every(), page.points(), next, evaluations);
  }

  /**
   * A page of a log.
   *
   * @param after number of the line before it; 0: from the beginning
   * @param limit 0: 100
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT
   */
  Log log(String id, long after, long limit) {
    runs.require(id);
    RunLog.Page page = log.page(id, after, limit);
    return new Log(id, page.dropped(), page.lines(), page.nextAfter());
  }
}

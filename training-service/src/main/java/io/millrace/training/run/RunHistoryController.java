package io.millrace.training.run;

import io.swagger.v3.oas.annotations.Operation;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Curves and logs of runs over REST. */
@RestController
@RequestMapping("/api/runs/{id}")
class RunHistoryController {
  private final RunHistory history;

  RunHistoryController(RunHistory history) {
    this.history = history;
  }

  @Operation(
      operationId = "getCurve",
      summary = "Get a run's learning curve",
      description =
          "The loss and learning rate of every step, in pages, and the figures of its checkpoints."
              + " With max_points about so many points of the whole curve at equal distances;"
              + " every says how far apart they are.")
  @GetMapping("/curve")
  RunHistory.Curve curve(
      @PathVariable String id,
      @RequestParam(name = "after_step", defaultValue = "0") long afterStep,
      @RequestParam(defaultValue = "0") long limit,
      @RequestParam(name = "max_points", defaultValue = "0") long maxPoints) {
    return history.curve(id, afterStep, limit, maxPoints);
  }

  @Operation(
      operationId = "getRunLog",
      summary = "Get what happened to a run",
      description = "Lines for people, oldest first, in pages. The last 1000 are kept.")
  @GetMapping("/log")
  RunHistory.Log log(
      @PathVariable String id,
      @RequestParam(defaultValue = "0") long after,
      @RequestParam(defaultValue = "0") long limit) {
    return history.log(id, after, limit);
  }
}

package io.millrace.training.run;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.RetentionJson;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.util.MimeTypeUtils;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;

/** Runs over REST. */
@RestController
@RequestMapping("/api/runs")
class RunController {
  private final RunService runs;
  private final RunWatch watch;
  private final RunViews views;
  private final RunLines lines;

  RunController(RunService runs, RunWatch watch, RunViews views, RunLines lines) {
    this.runs = runs;
    this.watch = watch;
    this.views = views;
    this.lines = lines;
  }

  /** Queues a run and answers at once. */
  @Operation(
      operationId = "createRun",
      summary = "Queue a run",
      description = "A model learns from a snapshot of a dataset. Answers at once.")
  @PostMapping
  @ResponseStatus(HttpStatus.CREATED)
  RunView create(@RequestBody CreateRunBody body) {
    return views.of(runs.create(body.draft()));
  }

  /** Runs, newest first. */
  @Operation(
      operationId = "listRuns",
      summary = "List runs, the newest first",
      description =
          "Those of a model, in some states (like queued,running). 100 of them, or up to 1000 by"
              + " limit; with next_cursor as cursor the list goes on.")
  @GetMapping
  RunList list(
      @RequestParam(defaultValue = "") String model,
      @RequestParam(defaultValue = "") List<String> state,
      @RequestParam(defaultValue = "0") long limit,
      @RequestParam(defaultValue = "") String cursor) {
    RunService.Page page = runs.list(RunFilter.of(model, state, limit, cursor));
    return new RunList(
        page.runs().stream().map(views::of).toList(),
        page.nextCursor().isEmpty() ? null : page.nextCursor());
  }

  /** A run as it is now. */
  @Operation(operationId = "getRun", summary = "Get a run as it is now")
  @GetMapping("/{id}")
  RunView get(@PathVariable String id) {
    return views.of(runs.get(id));
  }

  /** Cancels a run; one that is running stops after its current step and publishes nothing more. */
  @Operation(
      operationId = "cancelRun",
      summary = "Cancel a run",
      description = "One that is running stops after its current step and publishes nothing more.")
  @PostMapping("/{id}/cancel")
  RunView cancel(@PathVariable String id) {
    return views.of(runs.cancel(id));
  }

  /** Lets a run wait until it is resumed. */
  @Operation(
      operationId = "pauseRun",
      summary = "Pause a run",
      description =
          "It waits until it is resumed: at once, or after its current step and a checkpoint.")
  @PostMapping("/{id}/pause")
  RunView pause(@PathVariable String id) {
    return views.of(runs.pause(id));
  }

  /** Lets a paused run wait for a trainer. */
  @Operation(
      operationId = "resumeRun",
      summary = "Resume a run that is paused",
      description = "It is queued again and goes on from its newest checkpoint.")
  @PostMapping("/{id}/resume")
  RunView resume(@PathVariable String id) {
    return views.of(runs.resume(id));
  }

  /** Deletes a run that has ended. */
  @Operation(
      operationId = "deleteRun",
      summary = "Delete a run that has ended",
      description = "With its curve and its log. The versions that it published stay.")
  @DeleteMapping("/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable String id) {
    runs.delete(id);
  }

  /** What a run learns or learned from, also after its dataset was deleted. */
  @Operation(
      operationId = "getLineage",
      summary = "Tell what a run learned from",
      description = "Also after its dataset was deleted.")
  @GetMapping("/{id}/lineage")
  LineageView lineage(@PathVariable String id) {
    return LineageView.of(runs.get(id), runs.lineage(id));
  }

  /**
   * The run as it is now and after every change, until it is finished: as server-sent events named
   * {@code run}, or for {@code Accept: text/plain} as lines for people. If the service stops or
   * fails before, the last event is named {@code error}.
   */
  @Operation(
      operationId = "watchRun",
      summary = "Watch a run until it is finished",
      description =
          "Server-sent events named run, now and after every change, each with the run as JSON."
              + " If the service stops or fails before the end, the last event is named error."
              + " For people, who accept text/plain, a line for each.")
  @ApiResponse(
      responseCode = "200",
      content = {
        @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string")),
        @Content(mediaType = MediaType.TEXT_PLAIN_VALUE, schema = @Schema(type = "string"))
      })
  @GetMapping(
      path = "/{id}/events",
      produces = {MediaType.TEXT_EVENT_STREAM_VALUE, MediaType.TEXT_PLAIN_VALUE})
  ResponseEntity<ResponseBodyEmitter> events(@PathVariable String id, HttpServletRequest request) {
    Run run = runs.get(id);
    EventForm form =
        wantsText(new ServletServerHttpRequest(request).getHeaders().getAccept())
            ? new EventForm.Lines(lines.of(run.request().task()))
            : new EventForm.Events(views);
    RunEmitter.start(run, watch, form);
    return ResponseEntity.ok().contentType(form.type()).body(form.emitter());
  }

  /** Whether a client prefers lines; one that takes anything gets events. */
  private static boolean wantsText(List<MediaType> accept) {
    List<MediaType> accepted = new ArrayList<>(accept);
    MimeTypeUtils.sortBySpecificity(accepted);
    return accepted.stream()
        .filter(type ->
            type.isCompatibleWith(MediaType.TEXT_EVENT_STREAM)
                || type.isCompatibleWith(MediaType.TEXT_PLAIN))
        .findFirst()
        .map(type -> !type.isCompatibleWith(MediaType.TEXT_EVENT_STREAM))
        .orElse(false);
  }

  /**
   * Runs that were asked for.
   *
   * @param nextCursor with which the list goes on; null: there are no more
   */
  record RunList(List<RunView> runs, @JsonProperty("next_cursor") @Nullable String nextCursor) {}

  /**
   * Body of the request for a run; what may be left out is null then.
   *
   * @param policy which of its checkpoints are to serve; left out: as the model says
   * @param retention which of its checkpoints are kept; left out: as the model says
   * @param options the fields that are not of every run: those of its task
   */
  record CreateRunBody(
      @Schema(example = "writer") @Nullable String model,
      @Schema(example = "language") @Nullable String task,
      @Schema(example = "books") @Nullable String dataset,
      @Nullable Long snapshot,
      @Schema(example = "nano") @Nullable String preset,
      @Schema(example = "600") @Nullable Long steps,
      @Nullable Long batchSize,
      @Nullable Double learningRate,
      @Nullable Long checkpointEvery,
      @Nullable Boolean checkpointAtStart,
      @Nullable Long seed,
      @Nullable String schedule,
      @Nullable String from,
      @Nullable Boolean replace,
      @Nullable PolicyJson policy,
      @Nullable RetentionJson retention,
      @Schema(hidden = true) @JsonAnySetter @Nullable Map<String, @Nullable Object> options) {

    RunDraft draft() {
      return new RunDraft(
          orEmpty(model),
          orEmpty(task),
          orEmpty(dataset),
          orZero(snapshot),
          orEmpty(preset),
          steps,
          orZero(batchSize),
          learningRate == null ? 0 : learningRate,
          orEmpty(schedule),
          orZero(checkpointEvery),
          checkpointAtStart != null && checkpointAtStart,
          orZero(seed),
          orEmpty(from),
          replace != null && replace,
          policy,
          retention,
          options == null ? Map.of() : options);
    }

    private static String orEmpty(@Nullable String value) {
      return value == null ? "" : value;
    }

    private static long orZero(@Nullable Long value) {
      return value == null ? 0 : value;
    }
  }
}

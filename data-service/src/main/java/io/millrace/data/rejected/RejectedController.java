package io.millrace.data.rejected;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Rejected documents over REST. */
@RestController
@RequestMapping("/api/datasets/{name}/rejected")
class RejectedController {
  private final RejectedService rejected;
  private final Replays replays;

  RejectedController(RejectedService rejected, Replays replays) {
    this.rejected = rejected;
    this.replays = replays;
  }

  /** A page; {@code next} is for {@code ?after=} and missing on the last one. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RejectedList(List<RejectedJson> rejected, @Nullable String next) {}

  /** A rejected document; {@code content} is its bytes in base64, if they were asked for. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record RejectedJson(
      int partition,
      long offset,
      String reason,
      String source,
      String key,
      String contentType,
      Instant rejectedAt,
      boolean replayed,
      @Nullable String content) {

    static RejectedJson of(RejectedDocument document) {
      byte[] value = document.value();
      return new RejectedJson(
          document.partition(),
          document.offset(),
          document.reason(),
          document.source(),
          document.key(),
          document.contentType(),
          document.rejectedAt(),
          document.replayed(),
          value == null ? null : Base64.getEncoder().encodeToString(value));
    }
  }

  @Operation(
      operationId = "listRejected",
      summary = "List the documents that were rejected, with the reasons",
      description = "A page at a time; with content, their bytes too.")
  @GetMapping
  RejectedList list(
      @PathVariable String name,
      @RequestParam(defaultValue = "" + RejectedService.DEFAULT_LIMIT) int limit,
      @RequestParam(defaultValue = "") String after,
      @RequestParam(defaultValue = "false") boolean content) {
    RejectedPage page = rejected.list(name, Cursor.parse(after), limit, content);
    Cursor next = page.next();
    return new RejectedList(
        page.documents().stream().map(RejectedJson::of).toList(),
        next == null ? null : next.toString());
  }

  @Operation(
      operationId = "replayRejected",
      summary = "Append the documents again that were rejected since the last replay")
  @PostMapping("/replay")
  Replays.Replayed replay(@PathVariable String name) {
    return replays.replay(name);
  }
}

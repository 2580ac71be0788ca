package io.millrace.data.snapshot;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Snapshots over REST. */
@RestController
@RequestMapping("/api/datasets/{name}/snapshots")
class SnapshotController {
  private final SnapshotService snapshots;

  SnapshotController(SnapshotService snapshots) {
    this.snapshots = snapshots;
  }

  /** How long to wait for the preparation, in seconds. */
  record SealRequest(@Schema(example = "60") @Nullable Integer waitSeconds) {}

  /** All snapshots, oldest first. */
  record SnapshotList(List<SnapshotJson> snapshots) {}

  @Operation(
      operationId = "sealSnapshot",
      summary = "Seal a snapshot",
      description = "Waits until all documents so far are prepared, then records what is there.")
  @PostMapping
  @ResponseStatus(HttpStatus.CREATED)
  SnapshotJson seal(
      @PathVariable String name, @RequestBody(required = false) @Nullable SealRequest request)
      throws InterruptedException {
    return SnapshotJson.of(snapshots.seal(name, request == null ? null : request.waitSeconds()));
  }

  @Operation(operationId = "listSnapshots", summary = "List a dataset's snapshots, oldest first")
  @GetMapping
  SnapshotList list(@PathVariable String name) {
    return new SnapshotList(snapshots.list(name).stream().map(SnapshotJson::of).toList());
  }
}

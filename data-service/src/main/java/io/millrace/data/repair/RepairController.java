package io.millrace.data.repair;

import io.millrace.data.prepare.DatasetRepair;
import io.millrace.data.prepare.DatasetRepair.Repaired;
import io.millrace.platform.registry.ForeignRecords.Place;
import io.swagger.v3.oas.annotations.Operation;
import java.util.List;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Repairs over REST. */
@RestController
class RepairController {
  private static final int LISTED = 100;

  private final DatasetRepair repair;

  RepairController(DatasetRepair repair) {
    this.repair = repair;
  }

  /** What a repair found; {@code foreign} lists the first hundred of {@code left_out} records. */
  record RepairJson(long windows, long records, long leftOut, List<Place> foreign) {
    static RepairJson of(Repaired repaired) {
      List<Place> foreign = repaired.foreign();
      return new RepairJson(
          repaired.windows(),
          repaired.records(),
          foreign.size(),
          foreign.subList(0, Math.min(LISTED, foreign.size())));
    }
  }

  @Operation(
      operationId = "repairDataset",
      summary = "Leave out records that somebody else wrote among the prepared ones",
      description =
          "Prepares the documents anew, window by window, and compares: what is in the log and does"
              + " not come of a document is left out by snapshots and indexes from then on. Sealed"
              + " snapshots keep their digests, and runs on them go on. 409 if documents or"
              + " prepared records are gone.")
  @PostMapping("/api/datasets/{name}/repair")
  RepairJson repair(@PathVariable String name) {
    return RepairJson.of(repair.repair(name));
  }
}

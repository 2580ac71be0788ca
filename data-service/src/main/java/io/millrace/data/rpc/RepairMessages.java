package io.millrace.data.rpc;

import io.millrace.contracts.data.v1.RecordPlace;
import io.millrace.contracts.data.v1.RepairDatasetResponse;
import io.millrace.data.prepare.DatasetRepair.Repaired;
import io.millrace.platform.registry.ForeignRecords.Place;

/** Repairs as messages. */
final class RepairMessages {
  private static final int LISTED = 100;

  private RepairMessages() {}

  static RepairDatasetResponse message(Repaired repaired) {
    return RepairDatasetResponse.newBuilder()
        .setWindows(repaired.windows())
        .setRecords(repaired.records())
        .setLeftOut(repaired.foreign().size())
        .addAllForeign(
            repaired.foreign().stream().limit(LISTED).map(RepairMessages::message).toList())
        .build();
  }

  private static RecordPlace message(Place place) {
    return RecordPlace.newBuilder()
        .setTopic(place.topic())
        .setPartition(place.partition())
        .setOffset(place.offset())
        .build();
  }
}

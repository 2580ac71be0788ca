package io.millrace.inference.rpc;

import io.millrace.contracts.inference.v1.Model;
import io.millrace.inference.swap.ModelStatus;
import io.millrace.platform.registry.ModelVersion;

/** Models as messages. */
final class ModelMessages {

  private ModelMessages() {}

  static Model model(ModelStatus status) {
    Model.Builder model =
        Model.newBuilder()
            .setName(status.name())
            .setSwaps(status.swaps())
            .setSwapPauseMsMax(status.swapPauseMsMax());
    ModelVersion serving = status.serving();
    if (serving != null) {
      model
          .setVersion(serving.version())
          .setTask(serving.task())
          .setDigest(serving.manifestSha256())
          .setStep(serving.step());
    }
    ModelStatus.Rejection rejected = status.rejected();
    if (rejected != null) {
      model.setRejectedVersion(rejected.version()).setRejectedReason(rejected.reason());
    }
    return model.build();
  }
}

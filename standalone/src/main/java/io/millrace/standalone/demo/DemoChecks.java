package io.millrace.standalone.demo;

/** What must be true of a result so that a stage counts as having really happened. */
final class DemoChecks {

  private static final int LEAST_CHECKPOINTS = 3;

  /**
   * From so many steps on every checkpoint must have been swapped in. In shorter runs the next one
   * may be there before the last is loaded, which is then passed over for it.
   */
  static final long STEPS_FOR_EVERY_SWAP = 200;

  private DemoChecks() {}

  static void check(DemoReport.Language result) {
    String stage = "language";
    require(stage, result.tokens() > 0, "no token was prepared");
    require(stage, result.tokensLost() == 0, result.tokensLost() + " tokens were lost");
    published(stage, result.checkpoints(), result.swaps(), result.steps());
    answered(stage, result.requests(), result.requestsFailed());
    require(
        stage,
        Double.isFinite(result.lossLast()) && result.lossLast() < result.lossFirst(),
        "the loss did not fall: %.3f to %.3f".formatted(result.lossFirst(), result.lossLast()));
    require(
        stage,
        Double.isFinite(result.heldoutLoss()) && result.heldoutLoss() > 0,
        "no document was held out to measure on: give it more, or longer, documents");
  }

  static void check(DemoReport.Detection result) {
    String stage = "detection";
    require(stage, result.boxes() > 0, "no box was prepared");
    published(stage, result.checkpoints(), result.swaps(), result.steps());
    answered(stage, result.requests(), result.requestsFailed());
    require(
        stage,
        Double.isFinite(result.lossLast()) && result.lossLast() < result.lossFirst(),
        "the loss did not fall: %.3f to %.3f".formatted(result.lossFirst(), result.lossLast()));
    require(stage, Double.isFinite(result.map50()), "there is no mAP");
  }

  private static void published(String stage, long checkpoints, long swaps, long steps) {
    long least = Math.min(LEAST_CHECKPOINTS, steps);
    require(stage, checkpoints >= least, "only " + checkpoints + " checkpoints were published");
    require(stage, swaps >= 1, "no checkpoint was swapped in while the client asked");
    require(
        stage,
        swaps == checkpoints || (steps < STEPS_FOR_EVERY_SWAP && swaps < checkpoints),
        "%d checkpoints were published, %d swapped in".formatted(checkpoints, swaps));
  }

  private static void answered(String stage, long requests, long failed) {
    require(stage, requests > 0, "the client asked nothing while training ran");
    require(stage, failed == 0, failed + " of " + requests + " requests failed");
  }

  private static void require(String stage, boolean condition, String otherwise) {
    if (!condition) {
      throw new StageFailure(stage, otherwise);
    }
  }
}

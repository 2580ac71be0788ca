package io.millrace.standalone.demo;

/** Results of demos to be changed by tests. */
final class DemoReports {

  static final DemoReport.Language LANGUAGE =
      new DemoReport.Language(
          400,
          1_000_000,
          0,
          0.99,
          1_000_000,
          400_000,
          600,
          7.0,
          2.5,
          2.6,
          5.6,
          14_000,
          600,
          0.001,
          4,
          4,
          0.05,
          300,
          0,
          "xyz",
          "return size;");

  static final DemoReport.Detection DETECTION =
      new DemoReport.Detection(1500, 9000, 600, 9.0, 1.2, 0.7, 0.4, 90, 60, 4, 4, 200, 0);

  private DemoReports() {}

  static DemoReport.Language language(long steps, long checkpoints, long swaps, long failed) {
    DemoReport.Language r = LANGUAGE;
    return new DemoReport.Language(
        r.documents(),
        r.tokens(),
        r.tokensLost(),
        r.packingEfficiency(),
        r.parameters(),
        r.parametersActive(),
        steps,
        r.lossFirst(),
        r.lossLast(),
        r.heldoutLoss(),
        r.unigramEntropy(),
        r.trainTokensPerS(),
        r.decodeTokensPerS(),
        r.dataWaitShare(),
        checkpoints,
        swaps,
        r.swapPauseMsMax(),
        r.requests(),
        failed,
        r.completionBefore(),
        r.completionAfter());
  }

  static DemoReport.Language languageLosses(double first, double last, double heldout) {
    DemoReport.Language r = LANGUAGE;
    return new DemoReport.Language(
        r.documents(),
        r.tokens(),
        r.tokensLost(),
        r.packingEfficiency(),
        r.parameters(),
        r.parametersActive(),
        r.steps(),
        first,
        last,
        heldout,
        r.unigramEntropy(),
        r.trainTokensPerS(),
        r.decodeTokensPerS(),
        r.dataWaitShare(),
        r.checkpoints(),
        r.swaps(),
        r.swapPauseMsMax(),
        r.requests(),
        r.requestsFailed(),
        r.completionBefore(),
        r.completionAfter());
  }

  static DemoReport.Detection detection(long checkpoints, long swaps, long requests, double map50) {
    DemoReport.Detection r = DETECTION;
    return new DemoReport.Detection(
        r.images(),
        r.boxes(),
        r.steps(),
        r.lossFirst(),
        r.lossLast(),
        map50,
        r.map(),
        r.trainImagesPerS(),
        r.detectImagesPerS(),
        checkpoints,
        swaps,
        requests,
        r.requestsFailed());
  }
}

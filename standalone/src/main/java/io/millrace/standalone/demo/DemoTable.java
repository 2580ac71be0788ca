package io.millrace.standalone.demo;

import io.millrace.standalone.terminal.Table;

/** The table at the end of a demo. */
final class DemoTable {

  private DemoTable() {}

  static Table of(DemoReport report) {
    Table table = new Table();
    if (report.language() != null) {
      language(table, report.language());
    }
    if (report.detection() != null) {
      detection(table, report.detection());
    }
    table.heading("%s after %.0f s".formatted(report.ok() ? "done" : "FAILED", report.seconds()));
    return table;
  }

  private static void language(Table table, DemoReport.Language r) {
    table
        .heading("language")
        .row(
            "documents",
            "%,d with %,d tokens, %,d lost".formatted(r.documents(), r.tokens(), r.tokensLost()))
        .row("packing", "%.2f %% of the slots hold a token".formatted(100 * r.packingEfficiency()))
        .row(
            "parameters",
            "%,d, %,d active for a token".formatted(r.parameters(), r.parametersActive()))
        .row("loss", "%.3f to %.3f in %,d steps".formatted(r.lossFirst(), r.lossLast(), r.steps()))
        .row(
            "held-out loss",
            "%.3f nats a token; unigram entropy %.3f"
                .formatted(r.heldoutLoss(), r.unigramEntropy()))
        .row(
            "training",
            "%,.0f tokens/s, %.2f %% of the time waiting for data"
                .formatted(r.trainTokensPerS(), 100 * r.dataWaitShare()))
        .row("decoding", "%,.0f tokens/s in one stream".formatted(r.decodeTokensPerS()))
        .row("checkpoints", swaps(r.checkpoints(), r.swaps()))
        .row("swap pause", "%.2f ms for a request at most".formatted(r.swapPauseMsMax()))
        .row("requests", "%,d, %,d failed".formatted(r.requests(), r.requestsFailed()));
  }

  private static void detection(Table table, DemoReport.Detection r) {
    table
        .heading("detection")
        .row("pictures", "%,d with %,d boxes".formatted(r.images(), r.boxes()))
        .row("loss", "%.3f to %.3f in %,d steps".formatted(r.lossFirst(), r.lossLast(), r.steps()))
        .row("unseen pictures", "mAP50 %.3f, mAP %.3f".formatted(r.map50(), r.map()))
        .row("training", "%,.0f pictures/s".formatted(r.trainImagesPerS()))
        .row("detecting", "%,.0f pictures/s through the gateway".formatted(r.detectImagesPerS()))
        .row("checkpoints", swaps(r.checkpoints(), r.swaps()))
        .row("requests", "%,d, %,d failed".formatted(r.requests(), r.requestsFailed()));
  }

  private static String swaps(long published, long swapped) {
    String text =
        "%d and the untrained model, %d swapped in under load".formatted(published, swapped);
    return swapped < published ? text + " (others came too fast)" : text;
  }
}

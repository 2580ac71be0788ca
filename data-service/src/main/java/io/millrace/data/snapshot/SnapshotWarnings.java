package io.millrace.data.snapshot;

import io.millrace.data.log.Counts;
import io.millrace.platform.registry.DatasetEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What whoever learns from a snapshot should know first. */
final class SnapshotWarnings {

  private SnapshotWarnings() {}

  /** The warnings about a dataset; none if nothing is wrong. */
  static List<String> of(DatasetEntry dataset, Counts counts, LabelCounts labels) {
    List<String> warnings = new ArrayList<>(rejected(dataset, counts));
    warnings.addAll(unlearned(labels, counts.tally().boxes()));
    warnings.addAll(labels.warnings());
    return warnings;
  }

  /** A warning if pictures of a dataset with classes show nothing of these. */
  static List<String> unlearned(LabelCounts labels, long boxes) {
    return labels.areMissing() && boxes == 0
        ? List.of(
            "no picture has a label or a box: tasks classification and detection learn no class from them")
        : List.of();
  }

  private static List<String> rejected(DatasetEntry dataset, Counts counts) {
    double percent = 100.0 * counts.tally().rejected() / Math.max(1, counts.documents());
    double most = dataset.intake().rejectedWarnPercent();
    return percent > most
        ? List.of(
            String.format(
                Locale.ROOT,
                "%d of %d documents (%.1f %%) were rejected, more than %s %%: GET /api/datasets/%s/rejected says why",
                counts.tally().rejected(),
                counts.documents(),
                percent,
                most,
                dataset.name()))
        : List.of();
  }
}

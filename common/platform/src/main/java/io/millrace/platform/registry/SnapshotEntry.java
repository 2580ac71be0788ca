package io.millrace.platform.registry;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An immutable part of a dataset: offset ranges of its prepared topics.
 *
 * @param dataset whose
 * @param version from 1
 * @param train ranges to learn from
 * @param heldout ranges to evaluate on
 * @param sha256 over all ranges' record digests, hexadecimal
 * @param counts what it holds by name: documents, tokens, sequences, ...
 * @param warnings what whoever learns from it should know first
 * @param createdAt when it was sealed
 */
public record SnapshotEntry(
    String dataset,
    int version,
    List<Range> train,
    List<Range> heldout,
    String sha256,
    Map<String, Long> counts,
    List<String> warnings,
    Instant createdAt) {

  /** A snapshot without warnings. */
  public SnapshotEntry(
      String dataset,
      int version,
      List<Range> train,
      List<Range> heldout,
      String sha256,
      Map<String, Long> counts,
      Instant createdAt) {
    this(dataset, version, train, heldout, sha256, counts, List.of(), createdAt);
  }

  /** Copies the collections. */
  public SnapshotEntry {
    train = List.copyOf(train);
    heldout = List.copyOf(heldout);
    counts = Map.copyOf(counts);
    warnings = List.copyOf(warnings);
  }

  /** The same snapshot as another version. */
  public SnapshotEntry withVersion(int version) {
    return new SnapshotEntry(dataset, version, train, heldout, sha256, counts, warnings, createdAt);
  }

  /**
   * Offsets of one partition.
   *
   * @param topic full name
   * @param partition of the topic
   * @param begin inclusive
   * @param end exclusive
   * @param records in the range: fewer than {@code end - begin}, transaction markers take offsets
   *     too
   */
  public record Range(String topic, int partition, long begin, long end, long records) {}
}

package io.millrace.data.dataset;

import io.millrace.platform.registry.IntakePolicy.DuplicateIds;
import io.millrace.platform.registry.IntakePolicy.PlainValues;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dataset as a caller wants it; null where the default is wanted.
 *
 * @param name see {@code Names}
 * @param kind texts, images or rows
 * @param packLength texts: tokens in a packed sequence
 * @param imageWidth images: pixels, a multiple of 32
 * @param imageHeight images: pixels, a multiple of 32
 * @param heldoutPercent share of documents kept for evaluation
 * @param classes labels in order of their index; none: documents have no labels
 * @param columns rows: names of their columns in order
 * @param duplicateIds what becomes of repeated ids
 * @param plainValues what a Kafka record without a content type is
 * @param rejectedWarnPercent share of rejected documents that snapshots warn of
 */
public record NewDataset(
    String name,
    Kind kind,
    @Nullable Integer packLength,
    @Nullable Integer imageWidth,
    @Nullable Integer imageHeight,
    @Nullable Double heldoutPercent,
    @Nullable List<String> classes,
    @Nullable List<String> columns,
    @Nullable DuplicateIds duplicateIds,
    @Nullable PlainValues plainValues,
    @Nullable Double rejectedWarnPercent) {

  /** What the documents are to be. */
  public enum Kind {
    TEXT,
    IMAGES,
    ROWS
  }

  /** A dataset of one kind with every default. */
  public NewDataset(String name, Kind kind) {
    this(name, kind, null, null, null, null, null, null, null, null, null);
  }
}

package io.millrace.contracts;

/** CloudEvents types; each names the message of {@code millrace.events.v1} it carries. */
public final class EventTypes {
  /** {@code Document} of {@code millrace.data.v1}, on a documents topic. */
  public static final String DOCUMENT = "io.millrace.document.v1";

  /** {@code SnapshotSealed}. */
  public static final String SNAPSHOT_SEALED = "io.millrace.dataset.snapshot-sealed.v1";

  /** {@code RunChanged}. */
  public static final String RUN_CHANGED = "io.millrace.run.changed.v1";

  /** {@code RunDeleted}. */
  public static final String RUN_DELETED = "io.millrace.run.deleted.v1";

  /** {@code CheckpointPublished}. */
  public static final String CHECKPOINT_PUBLISHED = "io.millrace.checkpoint.published.v1";

  /** {@code CheckpointDeleted}. */
  public static final String CHECKPOINT_DELETED = "io.millrace.checkpoint.deleted.v1";

  /** {@code ModelDeleted}. */
  public static final String MODEL_DELETED = "io.millrace.model.deleted.v1";

  /** {@code ModelPromoted}. */
  public static final String MODEL_PROMOTED = "io.millrace.model.promoted.v1";

  /** {@code ModelServing}. */
  public static final String MODEL_SERVING = "io.millrace.model.serving.v1";

  /** {@code ModelRejected}. */
  public static final String MODEL_REJECTED = "io.millrace.model.rejected.v1";

  private EventTypes() {}
}

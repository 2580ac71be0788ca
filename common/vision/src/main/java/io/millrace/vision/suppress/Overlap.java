package io.millrace.vision.suppress;

/** By what the intersection of two boxes is divided. */
public enum Overlap {
  /** By their union: IoU. */
  UNION,
  /**
   * By the smaller of both areas: a box within another overlaps with it fully. MTCNN's "Min", and
   * what merges the halves of an object that slices of a picture cut.
   */
  SMALLER
}

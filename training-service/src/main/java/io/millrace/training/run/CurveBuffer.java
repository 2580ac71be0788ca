package io.millrace.training.run;

import java.util.ArrayDeque;
import java.util.List;

/**
 * Points of a run's curve that are not written yet; for the thread that learns and one that writes.
 */
public final class CurveBuffer {
  private final ArrayDeque<CurvePoint> points = new ArrayDeque<>();

  /** Adds the next one. */
  public synchronized void add(CurvePoint point) {
    points.add(point);
  }

  /** Those that wait, oldest first. */
  public synchronized List<CurvePoint> waiting() {
    return List.copyOf(points);
  }

  /** The oldest so many were written. */
  public synchronized void written(int count) {
    for (int i = 0; i < count; i++) {
      points.remove();
    }
  }
}

package io.millrace.vision.suppress;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Applies a {@link Suppression} to detections. Safe for use by several threads. */
public final class Suppressor {

  /** Left, top, width, height, score, class, and the place among the given detections. */
  private static final int FIELDS = 7;

  private final TensorEngine engine;
  private final Kernels kernels;

  /** One whose tensors are on the engine's device. */
  public Suppressor(TensorEngine engine) {
    this.engine = engine;
    this.kernels = Kernels.shared(engine, List.of(kernel()));
  }

  /** {@code suppress(rows, rule, limit)}, for heads whose detections overlap. */
  public static KernelSource kernel() {
    return KernelSource.of(Suppressor.class, "nms.py");
  }

  /**
   * What is left of the detections of each picture, best first, at most {@code limit}. Boxes stay
   * as they are unless they are merged; soft rules lower scores. Detections of score 0 are none.
   *
   * @param found by picture, in any order
   */
  public List<List<Detection>> suppress(List<List<Detection>> found, Suppression rule, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("at least 1 detection must be wanted: " + limit);
    }
    int most = found.stream().mapToInt(List::size).max().orElse(0);
    if (most == 0) {
      return found.stream().map(_ -> List.<Detection>of()).toList();
    }
    if (rule instanceof Suppression.None) {
      return found.stream().map(all -> best(all, limit)).toList();
    }
    try (NDManager scratch = engine.newManager();
        KernelValue tuple = kernels.make(rule.tuple(), new NDList())) {
      NDArray left =
          kernels
              .run(scratch, "suppress", rows(scratch, found, most), tuple, (long) limit)
              .singletonOrThrow();
      return detections(left, found);
    }
  }

  /** As the kernel does it, which is not worth a call for it. */
  private static List<Detection> best(List<Detection> found, int limit) {
    return found.stream()
        .filter(one -> (float) one.score() > 0)
        .sorted(Comparator.comparingDouble(one -> -(float) one.score()))
        .limit(limit)
        .toList();
  }

  /** [N, most, FIELDS]; pictures with fewer detections have rows of zeros. */
  private static NDArray rows(NDManager manager, List<List<Detection>> found, int most) {
    float[] rows = new float[Math.multiplyExact(FIELDS * found.size(), most)];
    for (int picture = 0; picture < found.size(); picture++) {
      for (int i = 0; i < found.get(picture).size(); i++) {
        Detection one = found.get(picture).get(i);
        Box box = one.box();
        int at = FIELDS * (picture * most + i);
        rows[at] = (float) box.x();
        rows[at + 1] = (float) box.y();
        rows[at + 2] = (float) box.width();
        rows[at + 3] = (float) box.height();
        rows[at + 4] = (float) one.score();
        rows[at + 5] = one.classIndex();
        rows[at + 6] = i;
      }
    }
    return manager.create(rows, new Shape(found.size(), most, FIELDS));
  }

  /** The detection with what a rule made of it; itself if that is nothing. */
  private static Detection changed(Detection one, float[] rows, int at) {
    Box box = one.box();
    boolean same =
        (float) box.x() == rows[at]
            && (float) box.y() == rows[at + 1]
            && (float) box.width() == rows[at + 2]
            && (float) box.height() == rows[at + 3];
    if (same && (float) one.score() == rows[at + 4]) {
      return one;
    }
    return new Detection(
        same ? box : new Box(rows[at], rows[at + 1], rows[at + 2], rows[at + 3]),
        one.classIndex(),
        one.label(),
        (float) one.score() == rows[at + 4] ? one.score() : rows[at + 4]);
  }

  private static List<List<Detection>> detections(NDArray left, List<List<Detection>> found) {
    float[] rows = left.toFloatArray();
    int each = (int) left.getShape().get(1);
    List<List<Detection>> kept = new ArrayList<>();
    for (int picture = 0; picture < found.size(); picture++) {
      List<Detection> some = new ArrayList<>();
      int end = FIELDS * (picture + 1) * each;
      for (int at = FIELDS * picture * each; at < end && rows[at + 4] > 0; at += FIELDS) {
        Detection one = found.get(picture).get((int) rows[at + 6]);
        some.add(changed(one, rows, at));
      }
      kept.add(some);
    }
    return kept;
  }
}

package io.millrace.vision.suppress;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The rules box by box, as their papers print them. */
final class ScalarSuppression {

  private ScalarSuppression() {}

  static List<Detection> suppress(List<Detection> found, Suppression rule, int limit) {
    List<Detection> rest = new ArrayList<>(found);
    List<Detection> kept = new ArrayList<>();
    while (kept.size() < limit) {
      // Stable: of equal scores the earlier one is first.
      rest.sort(Comparator.comparingDouble(Detection::score).reversed());
      if (rest.isEmpty() || rest.getFirst().score() <= 0) {
        break;
      }
      Detection best = rest.removeFirst();
      kept.add(best);
      switch (rule) {
        case Suppression.None _ -> {}
        case Suppression.Greedy(Overlap overlap, double threshold, boolean agnostic) ->
            rest.removeIf(one ->
                (agnostic || one.classIndex() == best.classIndex())
                    && overlap(one.box(), best.box(), overlap) > (float) threshold);
        case Suppression.Linear(double threshold, boolean agnostic) ->
            rest.replaceAll(one -> {
              float iou = overlap(one.box(), best.box(), Overlap.UNION);
              return lowered(one, best, agnostic, iou > (float) threshold ? 1 - iou : 1);
            });
        case Suppression.Gaussian(double sigma, boolean agnostic) ->
            rest.replaceAll(one -> {
              double iou = overlap(one.box(), best.box(), Overlap.UNION);
              return lowered(one, best, agnostic, Math.exp(-iou * iou / sigma));
            });
      }
    }
    return kept;
  }

  private static Detection lowered(Detection one, Detection best, boolean agnostic, double left) {
    return agnostic || one.classIndex() == best.classIndex()
        ? new Detection(one.box(), one.classIndex(), one.label(), one.score() * left)
        : one;
  }

  private static float overlap(Box one, Box other, Overlap overlap) {
    float shared = (float) one.intersection(other);
    double whole =
        switch (overlap) {
          case UNION -> one.area() + other.area() - shared;
          case SMALLER -> Math.min(one.area(), other.area());
        };
    return whole > 0 ? shared / (float) whole : 0;
  }
}

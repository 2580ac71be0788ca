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
      kept.add(rule instanceof Suppression.Merge merge ? around(best, rest, merge) : best);
      switch (rule) {
        case Suppression.None _ -> {}
        case Suppression.Greedy(Overlap overlap, double threshold, boolean agnostic) ->
            rest.removeIf(one ->
                (agnostic || one.classIndex() == best.classIndex())
                    && overlap(one.box(), best.box(), overlap) > (float) threshold);
        case Suppression.Merge(Overlap overlap, double threshold, boolean agnostic) ->
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

  private static Detection around(Detection best, List<Detection> rest, Suppression.Merge rule) {
    double left = best.box().x();
    double top = best.box().y();
    double right = best.box().right();
    double bottom = best.box().bottom();
    for (Detection one : rest) {
      boolean comparable = rule.agnostic() || one.classIndex() == best.classIndex();
      if (comparable
          && one.score() > 0
          && overlap(one.box(), best.box(), rule.overlap()) > (float) rule.threshold()) {
        left = Math.min(left, one.box().x());
        top = Math.min(top, one.box().y());
        right = Math.max(right, one.box().right());
        bottom = Math.max(bottom, one.box().bottom());
      }
    }
    Box box = new Box(left, top, right - left, bottom - top);
    return new Detection(box, best.classIndex(), best.label(), best.score());
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

package io.millrace.vision.evaluate;

import io.millrace.vision.box.Detection;
import io.millrace.vision.box.LabelledBox;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Sorts what is wrong into kinds, and tells the average precision after a repair of one kind. */
final class ErrorFinder {
  private static final double OBJECT = 0.5;
  private static final double NOTHING = 0.1;
  private static final int MOST_DETECTIONS = 100;

  /** COCO's but for the last bit of some, which decides ties. */
  private static final double[] RECALLS =
      IntStream.rangeClosed(0, 100).mapToDouble(point -> point / 100.0).toArray();

  private final int classes;
  private final long[] positives;
  private final List<Outcome> outcomes = new ArrayList<>();

  ErrorFinder(int classes) {
    this.classes = classes;
    this.positives = new long[classes];
  }

  /** Matches the detections of a picture, each with the truth of its class that it covers best. */
  void add(EvaluatedPicture picture) {
    List<Target> targets =
        picture.truth().stream().filter(box -> !box.crowd()).map(Target::new).toList();
    List<LabelledBox> crowds = picture.truth().stream().filter(LabelledBox::crowd).toList();
    targets.forEach(target -> positives[target.classIndex()]++);
    List<Detection> found = picture.ranked().stream().limit(MOST_DETECTIONS).toList();
    double[][] overlaps = Overlaps.of(found, targets.stream().map(t -> t.box).toList());
    boolean[] right = new boolean[found.size()];
    for (int d = 0; d < right.length; d++) {
      Detection one = found.get(d);
      Best best = best(overlaps[d], targets, t -> t.is(one) && !t.found);
      if (best.overlap() >= OBJECT && best.target() != null) {
        best.target().found = true;
        right[d] = true;
      }
    }
    for (int d = 0; d < right.length; d++) {
      Detection one = found.get(d);
      if (right[d]) {
        outcomes.add(Outcome.of(null, one, d, null));
      } else if (!inCrowd(one, crowds)) {
        outcomes.add(error(one, d, overlaps[d], targets));
      }
    }
    for (Target target : targets) {
      if (!target.found && !target.isRepairable()) {
        outcomes.add(Outcome.missed(target));
      }
    }
  }

  /** The order of the questions is that of TIDE's own code. */
  private static Outcome error(
      Detection found, int place, double[] overlaps, List<Target> targets) {
    Best same = best(overlaps, targets, t -> t.is(found));
    if (same.overlap() >= NOTHING && same.overlap() <= OBJECT) {
      return Outcome.of(ErrorKind.LOCALISATION, found, place, same.target());
    }
    Best other = best(overlaps, targets, t -> !t.is(found));
    if (other.overlap() >= OBJECT) {
      return Outcome.of(ErrorKind.CLASSIFICATION, found, place, other.target());
    }
    if (same.overlap() >= OBJECT) {
      return Outcome.of(ErrorKind.DUPLICATE, found, place, null);
    }
    boolean nothing = Math.max(same.overlap(), other.overlap()) <= NOTHING;
    return Outcome.of(nothing ? ErrorKind.BACKGROUND : ErrorKind.BOTH, found, place, null);
  }

  private static boolean inCrowd(Detection found, List<LabelledBox> crowds) {
    return crowds.stream()
        .anyMatch(crowd ->
            crowd.classIndex() == found.classIndex()
                && Overlaps.shareIn(found.box(), crowd.box()) > OBJECT);
  }

  long count(ErrorKind kind) {
    return outcomes.stream().filter(outcome -> outcome.kind() == kind).count();
  }

  /** Average precision of the detections as they are; -1 without truths and detections. */
  double ap() {
    double ap = meanPrecision(null);
    return ap < 0 ? -1 : ap;
  }

  /** Average precision after a repair of all errors of a kind; 1 if nothing is left to be found. */
  double repaired(ErrorKind kind) {
    double ap = meanPrecision(kind);
    return ap < 0 ? 1 : ap;
  }

  private double meanPrecision(@Nullable ErrorKind repaired) {
    long[] left = positives.clone();
    List<List<Curve.Hit>> hits =
        IntStream.range(0, classes).<List<Curve.Hit>>mapToObj(c -> new ArrayList<>()).toList();
    for (Outcome outcome : outcomes) {
      boolean repair = repaired != null && outcome.kind() == repaired;
      if (repair && repaired == ErrorKind.MISSED && outcome.target() != null) {
        left[outcome.target().classIndex()]--;
      }
      ClassHit hit = repair ? outcome.repaired() : outcome.asItIs();
      if (hit != null) {
        hits.get(hit.classIndex()).add(hit.hit());
      }
    }
    return IntStream.range(0, classes)
        .filter(c -> left[c] > 0 || !hits.get(c).isEmpty())
        .mapToDouble(
            c -> left[c] > 0 ? Curve.of(hits.get(c), left[c]).averagePrecision(RECALLS) : 0)
        .average()
        .orElse(-1);
  }

  private static Best best(double[] overlaps, List<Target> targets, Predicate<Target> of) {
    Best best = new Best(0, null);
    for (int g = 0; g < overlaps.length; g++) {
      if (of.test(targets.get(g)) && overlaps[g] > best.overlap()) {
        best = new Best(overlaps[g], targets.get(g));
      }
    }
    return best;
  }

  private record Best(double overlap, @Nullable Target target) {}

  /** A detection that counts, of a class. */
  private record ClassHit(int classIndex, Curve.Hit hit) {}

  /** A truth and what became of it. */
  private static final class Target {
    private static final int NONE = -1;

    private final LabelledBox box;
    private boolean found;
    private int repairedBy = NONE;
    private double repairedScore;

    Target(LabelledBox box) {
      this.box = box;
    }

    int classIndex() {
      return box.classIndex();
    }

    boolean is(Detection detection) {
      return box.classIndex() == detection.classIndex();
    }

    boolean isRepairable() {
      return repairedBy != NONE;
    }

    /** Of the detections that would find it after a repair, the best one does. */
    void offer(int place, double score) {
      if (!found && (repairedBy == NONE || repairedScore < score)) {
        repairedBy = place;
        repairedScore = score;
      }
    }
  }

  /**
   * What a detection or a truth that none found turns out to be.
   *
   * @param kind of error; null if it is right
   * @param found the detection; null if a truth was missed
   * @param place of the detection in its picture
   * @param target the truth that was meant or missed; null if there is none
   */
  private record Outcome(
      @Nullable ErrorKind kind, @Nullable Detection found, int place, @Nullable Target target) {

    static Outcome of(
        @Nullable ErrorKind kind, Detection found, int place, @Nullable Target target) {
      if (target != null) {
        target.offer(place, found.score());
      }
      return new Outcome(kind, found, place, target);
    }

    static Outcome missed(Target target) {
      return new Outcome(ErrorKind.MISSED, null, Target.NONE, target);
    }

    /** What counts without a repair. */
    @Nullable ClassHit asItIs() {
      return found == null
          ? null
          : new ClassHit(found.classIndex(), new Curve.Hit(found.score(), kind == null));
    }

    /** What counts after one: the truth is found, or the detection is gone. */
    @Nullable ClassHit repaired() {
      return found != null && target != null && target.repairedBy == place
          ? new ClassHit(target.classIndex(), new Curve.Hit(found.score(), true))
          : null;
    }
  }
}

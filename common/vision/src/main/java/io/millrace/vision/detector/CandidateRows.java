package io.millrace.vision.detector;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.Detection;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.network.Branches;
import io.millrace.vision.view.Placement;
import java.util.ArrayList;
import java.util.List;

/** Reads the candidates that the kernels give, and brings those of all branches together. */
final class CandidateRows {

  private static final int COLUMNS = 6;

  private final DetectorConfig config;
  private final Branches branches;

  CandidateRows(DetectorConfig config) {
    this.config = config;
    this.branches = config.backbone().branches();
  }

  /**
   * What was found in each picture: a branch's candidates, then those of the next. Leaves out those
   * of lower score, and those of sizes that are not their branch's.
   *
   * @param rows by branch, picture and falling score: left, top, width, height, score, class
   * @param placements of the pictures in what the network saw
   */
  List<List<Detection>> read(float[] rows, List<Placement> placements, double minScore) {
    int lists = branches.detecting().size() * placements.size();
    int length = rows.length / lists;
    List<List<Detection>> pictures = new ArrayList<>();
    placements.forEach(unused -> pictures.add(new ArrayList<>()));
    for (int list = 0; list < lists; list++) {
      int picture = list % placements.size();
      SizeRange range = branches.ranges().get(branches.detecting().get(list / placements.size()));
      Placement placement = placements.get(picture);
      for (Detection one : list(rows, list * length, length, minScore)) {
        if (range.equals(SizeRange.ALL) || range.contains(placement.toOriginal(one.box()))) {
          pictures.get(picture).add(one);
        }
      }
    }
    return pictures;
  }

  private List<Detection> list(float[] rows, int first, int length, double minScore) {
    List<Detection> found = new ArrayList<>();
    for (int at = first; at < first + length && rows[at + 4] >= minScore; at += COLUMNS) {
      int classIndex = (int) rows[at + 5];
      if (rows[at + 4] > 0) {
        found.add(
            new Detection(
                new Box(rows[at], rows[at + 1], rows[at + 2], rows[at + 3]),
                classIndex,
                config.classes().get(classIndex),
                rows[at + 4]));
      }
    }
    return found;
  }
}

package io.millrace.vision.evaluate;

import java.util.List;

/**
 * What the average precision is lost to: the six errors of TIDE (Bolya et al., "TIDE: A General
 * Toolbox for Identifying Object Detection Errors", ECCV 2020, section 2.2), at IoU .50 for an
 * object and .10 for background, with 100 detections a picture. Unlike there, a detection within a
 * crowd is no error.
 *
 * @param ap average precision at IoU .50 that the gains are measured from, in [0, 1]; here classes
 *     that never occur count 0 if they are detected; -1 without truths and detections
 * @param classification found well enough, but of another class
 * @param localisation of the right class, but overlaps too little
 * @param both of another class and overlaps too little
 * @param duplicate of a truth that a better detection has found
 * @param background there is nothing
 * @param missed truths that nothing found, not even in the wrong class or place
 */
public record ErrorAnalysis(
    double ap,
    Errors classification,
    Errors localisation,
    Errors both,
    Errors duplicate,
    Errors background,
    Errors missed) {

  /**
   * Errors of a kind.
   *
   * @param count how many
   * @param gain in average precision if just these were repaired
   */
  public record Errors(long count, double gain) {}

  static ErrorAnalysis of(int classes, List<EvaluatedPicture> pictures) {
    ErrorFinder finder = new ErrorFinder(classes);
    pictures.forEach(finder::add);
    double ap = finder.ap();
    return new ErrorAnalysis(
        ap,
        errors(finder, ap, ErrorKind.CLASSIFICATION),
        errors(finder, ap, ErrorKind.LOCALISATION),
        errors(finder, ap, ErrorKind.BOTH),
        errors(finder, ap, ErrorKind.DUPLICATE),
        errors(finder, ap, ErrorKind.BACKGROUND),
        errors(finder, ap, ErrorKind.MISSED));
  }

  private static Errors errors(ErrorFinder finder, double ap, ErrorKind kind) {
    // A repair that costs precision does so by the rounding of the recalls.
    return new Errors(finder.count(kind), Math.max(0, finder.repaired(kind) - ap));
  }
}

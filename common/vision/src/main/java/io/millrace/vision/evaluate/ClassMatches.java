package io.millrace.vision.evaluate;

/**
 * What became of one picture's detections of one class, the best score first.
 *
 * @param scores of the detections
 * @param matched by threshold and detection
 * @param ignored by threshold and detection: counts neither as right nor as wrong
 * @param positives truths that should be found
 */
record ClassMatches(double[] scores, boolean[][] matched, boolean[][] ignored, long positives) {}

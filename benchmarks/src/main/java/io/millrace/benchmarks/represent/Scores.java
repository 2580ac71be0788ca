package io.millrace.benchmarks.represent;

/** Right answers, counted by class. */
final class Scores {

  private final int[][] counts; // [true class, answer]

  Scores(int classes) {
    this.counts = new int[classes][classes];
  }

  void add(int truth, int answer) {
    counts[truth][answer]++;
  }

  /** Share of right answers. */
  double accuracy() {
    int right = 0;
    int all = 0;
    for (int i = 0; i < counts.length; i++) {
      right += counts[i][i];
      for (int count : counts[i]) {
        all += count;
      }
    }
    return (double) right / all;
  }

  /** Mean of the classes' F1; that of a class nobody named or has is 0. */
  double macroF1() {
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      int of = 0;
      int named = 0;
      for (int j = 0; j < counts.length; j++) {
        of += counts[i][j];
        named += counts[j][i];
      }
      sum += of + named == 0 ? 0 : 2.0 * counts[i][i] / (of + named);
    }
    return sum / counts.length;
  }
}

package io.millrace.chart;

/** Colours of charts. */
final class Palette {
  static final String INK = "#222222";
  static final String GRID = "#dddddd";
  static final String BAR = "#4363d8";

  private static final String[] LINES = {
    "#4363d8", "#e6194b", "#3cb44b", "#f58231", "#911eb4", "#469990", "#9a6324", "#808000",
    "#f032e6", "#800000", "#42d4f4", "#777777"
  };

  private Palette() {}

  /** A colour that is easily told from its neighbours; they begin again after twelve. */
  static String line(int index) {
    return LINES[index % LINES.length];
  }

  /** From white for 0 to dark blue for 1. */
  static String shade(double share) {
    double part = Math.clamp(share, 0, 1);
    return "#%02x%02x%02x".formatted(mix(255, 20, part), mix(255, 50, part), mix(255, 140, part));
  }

  /** What can be read on a shade. */
  static String onShade(double share) {
    return share > 0.5 ? "#ffffff" : INK;
  }

  private static int mix(int from, int to, double part) {
    return (int) Math.round(from + (to - from) * part);
  }
}

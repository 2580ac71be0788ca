package io.millrace.simulation;

/** The death of a process at one of its steps. */
final class Crash extends Error {
  private static final long serialVersionUID = 1L;

  Crash(String point) {
    super("crashed at " + point, null, false, false);
  }
}

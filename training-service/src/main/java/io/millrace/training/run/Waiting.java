package io.millrace.training.run;

/**
 * Why a run that is queued waits.
 *
 * @param place in the queue, from 1
 * @param reason for people
 */
public record Waiting(int place, String reason) {

  /**
   * The place behind some runs.
   *
   * @param before runs that are taken up earlier
   * @param learning runs that trainers work on
   */
  static Waiting behind(int before, int learning) {
    String busy =
        switch (learning) {
          case 0 -> "no trainer has taken it up yet";
          case 1 -> "all trainers are busy, with 1 run";
          default -> "all trainers are busy, with %d runs".formatted(learning);
        };
    String queue =
        switch (before) {
          case 0 -> "it is the next";
          case 1 -> "1 run is taken up before it";
          default -> "%d runs are taken up before it".formatted(before);
        };
    return new Waiting(before + 1, busy + "; " + queue);
  }
}

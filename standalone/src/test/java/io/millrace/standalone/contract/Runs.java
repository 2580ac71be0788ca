package io.millrace.standalone.contract;

import java.util.List;

/** What can be done with runs over REST and over gRPC. */
interface Runs {

  /**
   * What a run is to do.
   *
   * @param preset of the task
   */
  record Wanted(String model, String task, String dataset, String preset, long steps) {
    static Wanted language(String model, String dataset, long steps) {
      return new Wanted(model, "language", dataset, ContractPlatform.LANGUAGE_PRESET, steps);
    }
  }

  /**
   * A run.
   *
   * @param state like {@code succeeded}
   * @param version newest version of the model that it has published
   */
  record Seen(String id, String model, String state, long step, int checkpoints, int version) {
    boolean isFinished() {
      return List.of("succeeded", "failed", "cancelled").contains(state);
    }
  }

  Seen create(Wanted wanted);

  Seen get(String id);

  List<Seen> list(String model);

  Seen cancel(String id);

  /** Digest of the snapshot that a run learned from. */
  String lineage(String id);

  /** The run now and after every change, until it ends. */
  List<Seen> watch(String id);
}

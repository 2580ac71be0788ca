package io.millrace.standalone.contract;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

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

  Seen pause(String id);

  Seen resume(String id);

  /** Deletes a run that has ended. */
  void delete(String id);

  /** Steps of a run's curve, about so many. */
  List<Long> curve(String id, int most);

  /** Lines of a run's log. */
  List<String> log(String id);

  /** Digest of the snapshot that a run learned from. */
  String lineage(String id);

  /** The newest evaluation of a run: its {@code coco} figures and the names of its pictures. */
  Judged evaluation(String id);

  /**
   * An evaluation.
   *
   * @param coco figures by name
   * @param pictures by name
   */
  record Judged(JsonNode coco, Map<String, String> pictures) {}

  /** The run now and after every change, until it ends. */
  List<Seen> watch(String id);
}

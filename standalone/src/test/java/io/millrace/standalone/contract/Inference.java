package io.millrace.standalone.contract;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can be asked of models over REST and over gRPC. */
interface Inference {

  /** A model that serves. */
  record Model(String name, String task, int version, String digest) {}

  /**
   * A completion.
   *
   * @param text all of it
   * @param end {@code stop} or {@code length}
   */
  record Completion(String text, String end, int promptTokens, int tokens) {}

  /** What was found in a picture, in its pixels. */
  record Found(int imageWidth, int imageHeight, List<Box> boxes) {}

  /** An object. */
  record Box(String label, double score, double x, double y, double width, double height) {}

  List<Model> models();

  /** The likeliest continuation, piece by piece. */
  Completion complete(String model, String prompt, int maxTokens);

  /** Vectors of texts, with how many tokens these have. */
  record Embedded(int dimensions, int vectors, long tokens) {}

  /** A class and its probability. */
  record Likely(String label, double probability) {}

  /** The classes of a row with these numbers, the most likely first. */
  List<Likely> classify(String model, Map<String, Double> row);

  /** What a map sees. */
  record Seen(int stride, int branch, double size, double maxObject, int layers) {}

  /** What the maps of a preset see. */
  List<Seen> fieldsOfPreset(String preset);

  /** What those of a model that serves see. */
  List<Seen> fieldsOfModel(String model);

  /** What those of a configuration would see. */
  List<Seen> fieldsOfConfig(byte[] json);

  /** What may be in a picture, with however little certainty. */
  Found detect(String model, byte[] picture, int most);

  /** Creates an index. */
  void createIndex(String name, String model, String dataset);

  /** Names of all indexes, with how many items they hold. */
  Map<String, Long> indexes();

  /** Ids of the documents that are nearest, best first. */
  List<String> search(String index, String text, int limit);

  /** Deletes an index. */
  void deleteIndex(String name);

  /**
   * Which of a model's versions are to serve, and how that is decided.
   *
   * @param runs with rules of their own, told in short
   */
  record Owned(String policy, boolean pinned, List<String> states, Map<String, String> runs) {
    static String told(String policy, long last) {
      return "%s keeps %d".formatted(policy, last);
    }
  }

  /** A model's versions, the newest first. */
  Owned versions(String model);

  /** Lets a version serve; why it does now. */
  String promote(String model, int version, boolean pin);

  /** Lets the version serve that served before. */
  String rollBack(String model);

  /** Lets new checkpoints serve again. */
  void unpin(String model);

  /** Says which new checkpoints are to serve: those with a lower figure, or all without one. */
  void setPolicy(String model, @Nullable String figure);

  /** Says how many of the newest versions are kept. */
  void setRetention(String model, int last);

  /** Deletes a version. */
  void deleteVersion(String model, int version);

  /** Deletes a model. */
  void deleteModel(String model);

  /** Vectors of some values each. */
  Embedded embed(String model, List<String> texts, int dimensions);
}

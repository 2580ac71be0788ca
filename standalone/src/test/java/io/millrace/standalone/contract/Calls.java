package io.millrace.standalone.contract;

import java.util.Collection;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What the suite has called, to be compared with what is documented. */
final class Calls {
  private final Set<String> requests = new ConcurrentSkipListSet<>();
  private final Set<String> methods = new ConcurrentSkipListSet<>();
  private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();

  /** A request and the JSON of its answer; the path is without the query. */
  record Answered(String verb, String path, int status, JsonNode json) {}

  /**
   * Notes a request.
   *
   * @param path without the query
   * @param contentType of the body, without parameters; empty: there is none
   */
  void request(String verb, String path, String contentType) {
    requests.add((verb + " " + path + " " + contentType).strip());
  }

  /** Notes an answer in JSON. */
  void answer(String verb, String path, int status, JsonNode json) {
    answers.add(new Answered(verb, path, status, json));
  }

  /** All answers in JSON. */
  Collection<Answered> answers() {
    return answers;
  }

  /** Notes a gRPC call, like {@code millrace.data.v1.DataService/GetDataset}. */
  void method(String fullName) {
    methods.add(fullName);
  }

  boolean hasMethod(String fullName) {
    return methods.contains(fullName);
  }

  /** Whether a path is one of those that a path with placeholders stands for. */
  static boolean isOne(String path, String placeholders) {
    return path.matches(paths(placeholders));
  }

  private static String paths(String placeholders) {
    return Pattern.quote(placeholders).replaceAll("\\{[^}]+}", "\\\\E[^/ ]+\\\\Q");
  }

  /**
   * Whether there was such a request.
   *
   * @param path with placeholders, like {@code /api/datasets/{name}}
   * @param contentTypes of the body, any of them; empty: whatever it was
   */
  boolean hasRequest(String verb, String path, Collection<String> contentTypes) {
    String paths = paths(path);
    String types = String.join("|", contentTypes.stream().map(Pattern::quote).toList());
    Pattern wanted =
        Pattern.compile(
            verb + " " + paths + (contentTypes.isEmpty() ? "( .*)?" : " (" + types + ")"));
    return requests.stream().anyMatch(request -> wanted.matcher(request).matches());
  }
}

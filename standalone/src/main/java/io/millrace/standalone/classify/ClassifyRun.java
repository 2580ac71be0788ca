package io.millrace.standalone.classify;

import io.millrace.standalone.client.PlatformClient;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Prints what inputs are, one after the other. */
final class ClassifyRun {

  private static final String PATH = "/api/classify";

  /** Rows of a request; more are sent in several. */
  private static final int MOST_ROWS = 4096;

  private final PlatformClient client;
  private final String model;
  private final int top;
  private final PrintStream out;

  ClassifyRun(PlatformClient client, String model, int top, PrintStream out) {
    this.client = client;
    this.model = model;
    this.top = top;
    this.out = out;
  }

  /**
   * Classifies and prints.
   *
   * @throws io.millrace.standalone.terminal.UserError if the platform refuses
   */
  void classify(GivenInput input) {
    switch (input) {
      case GivenInput.Image(String name, byte[] encoded) ->
          print(
              name,
              client
                  .postPicture(
                      name,
                      PlatformClient.path(
                          PATH, Map.of("model", model, "top_k", Integer.toString(top))),
                      encoded)
                  .path("results")
                  .path(0));
      case GivenInput.Text(String name, String text) ->
          print(name, results(name, List.of(text)).path(0));
      case GivenInput.Rows(String name, List<Map<String, Object>> rows) -> {
        for (int first = 0; first < rows.size(); first += MOST_ROWS) {
          List<Map<String, Object>> some =
              rows.subList(first, Math.min(rows.size(), first + MOST_ROWS));
          JsonNode results = results(name, some);
          for (int i = 0; i < results.size(); i++) {
            print("%s, row %d".formatted(name, first + i + 1), results.path(i));
          }
        }
      }
    }
  }

  private JsonNode results(String name, List<?> inputs) {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("model", model);
    request.put("inputs", inputs);
    request.put("top_k", top);
    return client.post(name, PATH, request).path("results");
  }

  private void print(String name, JsonNode result) {
    String classes =
        result
            .path("classes")
            .valueStream()
            .map(one ->
                String.format(
                    Locale.ROOT,
                    "%s %.3f",
                    one.path("label").asString(),
                    one.path("probability").asDouble()))
            .collect(Collectors.joining(", "));
    out.println(name + ": " + classes);
  }
}

package io.millrace.standalone.contract;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a stream of server-sent events that has ended. */
final class ServerSentEvents {
  private ServerSentEvents() {}

  /** An event; id and name are empty if it has none. */
  record Event(String id, String name, String data) {
    JsonNode json() {
      return JsonMapper.shared().readTree(data);
    }
  }

  /** All events, comments left out. */
  static List<Event> of(String stream) {
    return Arrays.stream(stream.split("\n\n"))
        .map(block -> new Event(field(block, "id"), field(block, "event"), field(block, "data")))
        .filter(event -> !event.data().isEmpty())
        .toList();
  }

  private static String field(String block, String name) {
    return block
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .collect(Collectors.joining("\n"));
  }
}

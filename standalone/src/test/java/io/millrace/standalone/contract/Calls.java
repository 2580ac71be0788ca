package io.millrace.standalone.contract;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;

/** What the suite has called, to be compared with what is documented. */
final class Calls {
  private final Set<String> requests = new ConcurrentSkipListSet<>();
  private final Set<String> methods = new ConcurrentSkipListSet<>();

  /**
   * Notes a request.
   *
   * @param path without the query
   * @param contentType of the body, without parameters; empty: there is none
   */
  void request(String verb, String path, String contentType) {
    requests.add((verb + " " + path + " " + contentType).strip());
  }

  /** Notes a gRPC call, like {@code millrace.data.v1.DataService/GetDataset}. */
  void method(String fullName) {
    methods.add(fullName);
  }

  boolean hasMethod(String fullName) {
    return methods.contains(fullName);
  }

  /**
   * Whether there was such a request.
   *
   * @param path with placeholders, like {@code /api/datasets/{name}}
   * @param contentTypes of the body, any of them; empty: whatever it was
   */
  boolean hasRequest(String verb, String path, Collection<String> contentTypes) {
    String paths = Pattern.quote(path).replaceAll("\\{[^}]+}", "\\\\E[^/ ]+\\\\Q");
    String types = String.join("|", contentTypes.stream().map(Pattern::quote).toList());
    Pattern wanted =
        Pattern.compile(
            verb + " " + paths + (contentTypes.isEmpty() ? "( .*)?" : " (" + types + ")"));
    return requests.stream().anyMatch(request -> wanted.matcher(request).matches());
  }
}

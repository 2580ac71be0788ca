package io.millrace.standalone.helm;

import io.millrace.standalone.helm.api.ApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What documents print of kubectl, compared with what a release has put into a cluster: kubectl
 * itself is no part of the build.
 *
 * @param line without the program's name and the namespace
 */
record PrintedKubectl(String line) {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern COMMAND =
      Pattern.compile(
          "(?m)(?:^|\\$\\()kubectl (?:-n millrace )?((?:\"[^\"]*\"|'[^']*'|[^)&\\n\"'])*)");
  private static final Pattern WAIT = Pattern.compile("wait .*deployment -l (\\S+)=(\\S+)");
  private static final Pattern FORWARD = Pattern.compile("port-forward service/(\\S+) \\d+:(\\d+)");
  private static final Pattern GET =
      Pattern.compile("get secret (\\S+) -o go-template='\\{\\{index \\.data \"(\\S+)\" .*");
  private static final Pattern CREATE =
      Pattern.compile("create secret generic (\\S+)\\s+--from-literal=([\\w-]+)=.*");
  private static final Pattern NAMESPACE = Pattern.compile("create namespace (\\S+)");

  /** All commands of a document, in their order. */
  static List<PrintedKubectl> of(Path document) throws IOException {
    return COMMAND
        .matcher(Files.readString(ROOT.resolve(document)).replaceAll("\\\\\n", " "))
        .results()
        .map(command -> new PrintedKubectl(Objects.requireNonNull(command.group(1)).strip()))
        .toList();
  }

  /**
   * What the command names and the cluster does not have; empty: it has all.
   *
   * @param api the cluster after Helm's commands of the document
   */
  List<String> missing(ApiServer api) {
    List<String> missing = new ArrayList<>();
    boolean known =
        matches(
                WAIT,
                wait -> {
                  String label = "/metadata/labels/" + wait.group(1).replace("/", "~1");
                  require(
                      missing,
                      api.objects("Deployment").stream()
                          .allMatch(found -> found.at(label).asString("").equals(wait.group(2))));
                })
            || matches(
                FORWARD,
                forward ->
                    require(
                        missing,
                        named(api, "Service", forward.group(1))
                            .flatMap(service -> service.at("/spec/ports").valueStream())
                            .anyMatch(
                                port -> port.path("port").asString().equals(forward.group(2)))))
            || matches(
                GET,
                get ->
                    require(
                        missing,
                        named(api, "Secret", get.group(1))
                            .anyMatch(secret ->
                                secret.path("stringData").has(get.group(2))
                                    || secret.path("data").has(get.group(2)))))
            || matches(
                CREATE,
                create ->
                    require(
                        missing,
                        api.objects("Deployment").stream()
                            .flatMap(deployment -> deployment.findValues("secretKeyRef").stream())
                            .anyMatch(reference ->
                                reference.path("name").asString().equals(create.group(1))
                                    && reference.path("key").asString().equals(create.group(2)))))
            || matches(
                NAMESPACE, namespace -> require(missing, namespace.group(1).equals("millrace")));
    if (!known) {
      missing.add("not known here: kubectl " + line);
    }
    return missing;
  }

  private boolean matches(Pattern pattern, java.util.function.Consumer<MatchResult> check) {
    var matcher = pattern.matcher(line);
    if (!matcher.matches()) {
      return false;
    }
    check.accept(matcher.toMatchResult());
    return true;
  }

  private void require(List<String> missing, boolean there) {
    if (!there) {
      missing.add("kubectl " + line);
    }
  }

  private static Stream<JsonNode> named(ApiServer api, String kind, String name) {
    return api.objects(kind).stream()
        .filter(object -> object.at("/metadata/name").asString().equals(name));
  }
}

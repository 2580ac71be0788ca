package io.millrace.standalone.helm;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.UpgradeCommand;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;

/**
 * Commands of Helm as documents print them, given to Helm's library, which has all of them but
 * {@code rollback}: that is an upgrade to the values that the older revision was stored with. The
 * API server of tests has every namespace.
 *
 * @param verb like {@code install}
 * @param arguments that are no options: the release, and a chart or a revision
 * @param namespace of {@code -n}
 * @param values of {@code --set}
 * @param switches options without a value
 */
record PrintedHelm(
    String verb,
    List<String> arguments,
    String namespace,
    Map<String, String> values,
    List<String> switches) {
  private static final int PATIENCE = 240;

  /** The namespace that the API server of tests looks at. */
  private static final String HERE = "apps";

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
  private static final List<String> KNOWN =
      List.of("--create-namespace", "--reuse-values", "--logs");

  /** All commands of a document, in their order. */
  static List<PrintedHelm> of(Path document) throws IOException {
    return Files.readString(ROOT.resolve(document))
        .replaceAll("\\\\\n", " ")
        .lines()
        .filter(line -> line.startsWith("helm "))
        .map(PrintedHelm::parse)
        .toList();
  }

  private static PrintedHelm parse(String line) {
    List<String> words =
        WORD.matcher(line)
            .results()
            .map(word -> Objects.requireNonNull(word.group(word.group(1) == null ? 2 : 1)))
            .toList();
    List<String> arguments = new ArrayList<>();
    Map<String, String> values = new LinkedHashMap<>();
    List<String> switches = new ArrayList<>();
    String namespace = "default";
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("-n")) {
        namespace = words.get(++i);
      } else if (word.equals("--set")) {
        String[] value = words.get(++i).split("=", 2);
        values.put(value[0], value[1]);
      } else if (word.startsWith("-")) {
        if (!KNOWN.contains(word)) {
          throw new IllegalStateException("not known here: " + word + " in " + line);
        }
        switches.add(word);
      } else {
        arguments.add(word);
      }
    }
    return new PrintedHelm(
        arguments.getFirst(), arguments.subList(1, arguments.size()), namespace, values, switches);
  }

  /**
   * Does it.
   *
   * @param stored the records that Helm keeps of releases, by name
   */
  void run(Path kubeconfig, Map<String, JsonNode> stored, Path directory) throws IOException {
    String release = arguments.getFirst();
    switch (verb) {
      case "install" -> {
        var install =
            new Helm(ROOT.resolve(arguments.get(1)))
                .install()
                .withName(release)
                .withNamespace(HERE)
                .withKubeConfig(kubeconfig)
                .disableOpenApiValidation()
                .waitReady()
                .withTimeout(PATIENCE);
        settings().forEach(install::set);
        install.call();
      }
      case "upgrade" -> {
        var upgrade = upgrade(kubeconfig, ROOT.resolve(arguments.get(1)));
        if (switches.contains("--reuse-values")) {
          upgrade.reuseValues();
        }
        settings().forEach(upgrade::set);
        upgrade.call();
      }
      case "rollback" -> {
        JsonNode revision =
            release(
                Objects.requireNonNull(
                    stored.get("sh.helm.release.v1." + release + ".v" + arguments.get(1))));
        Path config =
            Files.writeString(directory.resolve("values.json"), revision.at("/config").toString());
        upgrade(kubeconfig, ROOT.resolve("helm/millrace"))
            .resetValues()
            .withValuesFile(config)
            .call();
      }
      case "test" ->
          Helm.test(release)
              .withNamespace(HERE)
              .withKubeConfig(kubeconfig)
              .withTimeout(PATIENCE)
              .call();
      case "history" -> Helm.history(release).withNamespace(HERE).withKubeConfig(kubeconfig).call();
      case "uninstall" ->
          Helm.uninstall(release).withNamespace(HERE).withKubeConfig(kubeconfig).call();
      default -> throw new IllegalStateException("not known here: helm " + verb);
    }
  }

  /** Values one by one: the library takes a list of the command line for a text. */
  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    values.forEach((name, value) -> {
      if (!value.startsWith("{")) {
        settings.put(name, value);
        return;
      }
      List<String> items = List.of(value.substring(1, value.length() - 1).split(",", -1));
      for (int i = 0; i < items.size(); i++) {
        settings.put(name + "[" + i + "]", items.get(i));
      }
    });
    return settings;
  }

  private UpgradeCommand upgrade(Path kubeconfig, Path chart) {
    return new Helm(chart)
        .upgrade()
        .withName(arguments.getFirst())
        .withNamespace(HERE)
        .withKubeConfig(kubeconfig)
        .disableOpenApiValidation()
        .waitReady()
        .withTimeout(PATIENCE);
  }

  /** What Helm wrote into a Secret: JSON, packed, as base64 within Kubernetes' own base64. */
  private static JsonNode release(JsonNode secret) throws IOException {
    byte[] packed =
        Base64.getDecoder()
            .decode(Base64.getDecoder().decode(secret.at("/data/release").asString()));
    try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return HelmChart.json(new String(unpacked.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}

package io.millrace.standalone;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart in {@code helm/millrace}, rendered by the real Helm in this process. */
final class HelmChart {
  private static final Path DIRECTORY = Path.of("../helm/millrace").toAbsolutePath().normalize();
  private static final JsonMapper JSON = new JsonMapper();

  private HelmChart() {}

  /** What a rendering consists of. */
  record Manifests(List<JsonNode> all) {

    List<JsonNode> ofKind(String kind) {
      return all.stream().filter(manifest -> text(manifest, "/kind").equals(kind)).toList();
    }

    /** The only manifest of a kind whose name ends so. */
    JsonNode one(String kind, String nameEnd) {
      List<JsonNode> found =
          ofKind(kind).stream()
              .filter(manifest -> text(manifest, "/metadata/name").endsWith(nameEnd))
              .toList();
      if (found.size() != 1) {
        throw new AssertionError(found.size() + " of kind " + kind + " end in " + nameEnd);
      }
      return found.getFirst();
    }
  }

  static LintResult lint() {
    return new Helm(DIRECTORY).lint().strict().call();
  }

  /**
   * Renders the release {@code mill} in the namespace {@code apps}.
   *
   * @param ciValues a file in {@code ci}, without {@code -values.yaml}
   * @param yaml values that win over it
   */
  static Manifests render(String ciValues, String yaml) {
    return render("mill", ciValues, yaml);
  }

  /** Renders a release of another name. */
  static Manifests render(String release, String ciValues, String yaml) {
    return withOverride(
        yaml,
        override -> {
          String rendered = template(release, ciValues).withValuesFile(override).call();
          return new Manifests(
              StreamSupport.stream(yaml().loadAll(rendered).spliterator(), false)
                  .filter(Objects::nonNull)
                  .map(HelmChart::node)
                  .toList());
        });
  }

  static Manifests render(String ciValues) {
    return render(ciValues, "{}");
  }

  /**
   * A client-only installation, which reaches for no cluster: the notes that Helm would print.
   *
   * @param directory for a copy of the chart without {@code kubeVersion}: an installation cannot be
   *     told the version of the cluster
   */
  static String notes(Path directory, String ciValues, String yaml) {
    copyForAnyCluster(directory);
    return withOverride(
        yaml,
        override ->
            new Helm(directory)
                .install()
                .withName("mill")
                .withNamespace("apps")
                .clientOnly()
                .withDryRunOption(DryRun.CLIENT)
                .withValuesFile(values(ciValues))
                .withValuesFile(override)
                .call()
                .getOutput());
  }

  static TemplateCommand template(String ciValues) {
    return template("mill", ciValues);
  }

  static TemplateCommand template(String release, String ciValues) {
    return new Helm(DIRECTORY)
        .template()
        .withName(release)
        .withNamespace("apps")
        // This Helm knows of no cluster and would assume 1.20.
        .withKubeVersion("1.34.0")
        .withValuesFile(values(ciValues));
  }

  /** The chart's own values. */
  static JsonNode values() {
    return node(yaml().load(read("values.yaml")));
  }

  static JsonNode schema() {
    return JSON.readTree(read("values.schema.json"));
  }

  static String readme() {
    return read("README.md");
  }

  /** All nodes at and below one. */
  static Stream<JsonNode> walk(JsonNode node) {
    return Stream.concat(
        Stream.of(node), StreamSupport.stream(node.spliterator(), false).flatMap(HelmChart::walk));
  }

  /** The text at a JSON pointer, empty if there is nothing. */
  static String text(JsonNode node, String pointer) {
    return node.at(pointer).asString("");
  }

  private static Path values(String ciValues) {
    return DIRECTORY.resolve("ci/" + ciValues + "-values.yaml");
  }

  private static void copyForAnyCluster(Path directory) {
    try (Stream<Path> files = Files.walk(DIRECTORY)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = directory.resolve(DIRECTORY.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.write(
          directory.resolve("Chart.yaml"),
          read("Chart.yaml").lines().filter(line -> !line.startsWith("kubeVersion:")).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T withOverride(String yaml, Function<Path, T> use) {
    try {
      Path file = Files.createTempFile("values", ".yaml");
      try {
        return use.apply(Files.writeString(file, yaml));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(String file) {
    try {
      return Files.readString(DIRECTORY.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Yaml yaml() {
    LoaderOptions strict = new LoaderOptions();
    strict.setAllowDuplicateKeys(false);
    return new Yaml(new SafeConstructor(strict));
  }

  private static JsonNode node(Object yaml) {
    return JSON.valueToTree((Map<?, ?>) yaml);
  }
}

package io.millrace.standalone.helm;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
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

  /** Names of the files in {@code ci}, without {@code -values.yaml}. */
  static Stream<String> ciValues() {
    try (Stream<Path> files = Files.list(DIRECTORY.resolve("ci"))) {
      return files
          .map(file -> file.getFileName().toString().replace("-values.yaml", ""))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
          return new Manifests(parse(rendered).toList());
        });
  }

  static Manifests render(String ciValues) {
    return render(ciValues, "{}");
  }

  /** What hooks are made of, which a rendering leaves out. */
  static Manifests hooks(String ciValues, String yaml) {
    return withOverride(
        yaml,
        override ->
            new Manifests(
                parse(
                        templateOf(WithoutHooks.DIRECTORY, "mill", ciValues)
                            .withValuesFile(override)
                            .call())
                    .filter(manifest -> manifest.at("/metadata/annotations").has(WithoutHooks.MARK))
                    .toList()));
  }

  /** A copy of the chart in which hooks are objects like all others, made once. */
  private static final class WithoutHooks {
    private static final String MARK = "test/hook";
    private static final Path DIRECTORY = TestServers.freshDirectory();

    static {
      copy(DIRECTORY, text -> text.replace("helm.sh/hook:", MARK + ":"));
    }
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

  /** Hands out the chart and files of values: those of {@code ci}, and some that win over them. */
  static <T> T withValues(String ciValues, String yaml, BiFunction<Path, List<Path>, T> use) {
    return withOverride(
        yaml, override -> use.apply(DIRECTORY, List.of(values(ciValues), override)));
  }

  static TemplateCommand template(String ciValues) {
    return template("mill", ciValues);
  }

  static TemplateCommand template(String release, String ciValues) {
    return templateOf(DIRECTORY, release, ciValues);
  }

  private static TemplateCommand templateOf(Path chart, String release, String ciValues) {
    return new Helm(chart)
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

  /** A document, parsed. */
  static JsonNode json(String text) {
    return JSON.readTree(text);
  }

  /** A file of the chart that is YAML, parsed. */
  static JsonNode yaml(String file) {
    return node(yaml().load(read(file)));
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
    copy(directory, text -> text.replaceAll("(?m)^kubeVersion:.*", ""));
  }

  /** Copies the chart, each file changed. */
  private static void copy(Path directory, UnaryOperator<String> change) {
    try (Stream<Path> files = Files.walk(DIRECTORY)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = directory.resolve(DIRECTORY.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, change.apply(Files.readString(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<JsonNode> parse(String rendered) {
    return StreamSupport.stream(yaml().loadAll(rendered).spliterator(), false)
        .filter(Objects::nonNull)
        .map(HelmChart::node);
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

  /** A file of the chart. */
  static String read(String file) {
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

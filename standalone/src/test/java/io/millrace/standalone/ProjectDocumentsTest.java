package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.linesOf;

import io.millrace.contracts.EventTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the project's documents name is there: tests, files and other documents. */
class ProjectDocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern TEST_NAME =
      Pattern.compile("`([A-Z][A-Za-z0-9]*Test)(?:\\.([a-z][A-Za-z0-9]*))?`");
  private static final Pattern FILE_NAME = Pattern.compile("`([\\w.-]+(?:/[\\w.-]+)+\\.\\w+)`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#: ]*)(?:#([^) ]*))?\\)");

  /** A block of commands, and the line before it. */
  private static final Pattern COMMANDS =
      Pattern.compile(
          "(?m)^(.*)\\n```(?:(?:sh|bash)$|\\n(?=curl |\\./|helm |kubectl |docker |kafka-))");

  private static List<Path> files;

  @BeforeAll
  static void listFiles() throws IOException {
    files = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            String name = String.valueOf(directory.getFileName());
            return name.equals("target") || name.equals(".git") || name.startsWith("millrace-demo")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.add(file);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Test
  void everyGuaranteeIsHeldByTestsThatAreThere() throws IOException {
    List<String> rows =
        linesOf(ROOT.resolve("docs/guarantees.md")).stream()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| promise"))
            .toList();
    assertThat(rows).hasSizeGreaterThan(20);
    Map<String, List<Path>> tests =
        named("Test.java").collect(Collectors.groupingBy(ProjectDocumentsTest::baseName));
    for (String row : rows) {
      List<String> names = new ArrayList<>();
      Matcher matcher = TEST_NAME.matcher(row);
      while (matcher.find()) {
        String test = Objects.requireNonNull(matcher.group(1));
        names.add(test);
        assertThat(tests).as(row).containsKey(test);
        String method = matcher.group(2);
        if (method != null) {
          assertThat(tests.getOrDefault(test, List.of()))
              .as(row)
              .anyMatch(file -> read(file).contains("void " + method + "("));
        }
      }
      assertThat(names).as(row).isNotEmpty();
    }
  }

  @Test
  void linksLeadToFiles() {
    documents()
        .forEach(document -> {
          Matcher matcher = LINK.matcher(read(document));
          while (matcher.find()) {
            String name = Objects.requireNonNull(matcher.group(1));
            Path target = name.isEmpty() ? document : document.resolveSibling(name);
            assertThat(target).as("a link of %s", document).exists();
            String place = matcher.group(2);
            if (place != null && target.toString().endsWith(".md")) {
              assertThat(headings(target))
                  .as("a link of %s to %s", document, target)
                  .contains(place);
            }
          }
        });
  }

  /** As links name them. */
  private static List<String> headings(Path document) {
    return read(document)
        .lines()
        .filter(line -> line.matches("#+ .*"))
        .map(line ->
            line.replaceFirst("#+ ", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-'))
        .toList();
  }

  /** Commands are run ({@code test}), or it is said why not and what does instead. */
  @Test
  void commandsAreRunOrSayWhyNot() {
    List<Path> printing =
        documents().filter(document -> COMMANDS.matcher(read(document)).find()).toList();
    assertThat(printing).hasSizeGreaterThan(12);
    for (Path document : printing) {
      Matcher matcher = COMMANDS.matcher(read(document));
      while (matcher.find()) {
        assertThat(matcher.group(1))
            .as("before commands of %s", document)
            .matches("<!-- [a-z]+: .+ -->");
      }
    }
  }

  /** In the reference that is written by hand. */
  @Test
  void everyTypeOfEventIsDescribed() throws IllegalAccessException {
    String events = read(ROOT.resolve("docs/reference/events.md"));
    for (Field type : EventTypes.class.getFields()) {
      assertThat(events).contains("`" + type.get(null) + "`");
    }
  }

  @Test
  void extendingNamesFilesThatAreThere() {
    String text = read(ROOT.resolve("docs/extending.md"));
    Matcher matcher = FILE_NAME.matcher(text);
    int found = 0;
    while (matcher.find()) {
      String name = Objects.requireNonNull(matcher.group(1));
      assertThat(files).as("files of docs/extending.md").anyMatch(file -> file.endsWith(name));
      found++;
    }
    assertThat(found).isGreaterThan(10);
  }

  @Test
  void decisionsHaveOneForm() throws IOException {
    try (Stream<Path> decisions = Files.list(ROOT.resolve("docs/adr"))) {
      List<Path> sorted =
          decisions.filter(file -> !baseName(file).equals("README")).sorted().toList();
      for (int i = 0; i < sorted.size(); i++) {
        Path decision = sorted.get(i);
        assertThat(baseName(decision)).startsWith("%04d-".formatted(i + 1));
        assertThat(linesOf(decision).stream().filter(line -> line.startsWith("#")))
            .as(decision.toString())
            .satisfies(lines ->
                assertThat(lines.getFirst())
                    .startsWith("# %d. ".formatted(sorted.indexOf(decision) + 1)))
            .endsWith("## Context", "## Decision", "## Consequences");
        assertThat(decision).content().containsPattern("\nStatus: (accepted|replaced by \\d+)");
      }
    }
  }

  private static Stream<Path> documents() {
    return named(".md");
  }

  private static Stream<Path> named(String end) {
    return files.stream().filter(file -> file.toString().endsWith(end));
  }

  private static String baseName(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, name.indexOf('.'));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

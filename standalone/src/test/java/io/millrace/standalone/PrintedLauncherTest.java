package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * Every {@code ./millrace} that a document prints, run or only shown, is a command that there is,
 * with options that it has and values that these take.
 */
class PrintedLauncherTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```\\w*\\n(.*?)^```$");
  private static final Pattern LAUNCHER =
      Pattern.compile("^(?:[A-Z_]+=\\S* )*\\./millrace (?!secrets\\b)(.*)$");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

  @Test
  void isACommandThatThereIs() throws IOException {
    List<String> commands = new ArrayList<>();
    for (Path document : documents()) {
      BLOCK
          .matcher(Files.readString(document))
          .results()
          .flatMap(block -> block.group(1).replace("\\\n", " ").lines())
          .map(LAUNCHER::matcher)
          .filter(line -> line.matches())
          .forEach(line -> commands.add(Objects.requireNonNull(line.group(1))));
    }
    assertThat(commands).hasSizeGreaterThan(25);
    assertThat(commands)
        .allSatisfy(
            command -> assertThatCode(() -> parse(command)).as(command).doesNotThrowAnyException());
  }

  @Test
  void doesNotTakeWhatThereIsNot() {
    assertThatCode(() -> parse("export writer out/ --type bf16"))
        .isInstanceOf(CommandLine.ParameterException.class);
    assertThatCode(() -> parse("backups /backups/monday"))
        .isInstanceOf(CommandLine.ParameterException.class);
    assertThatCode(() -> parse("detect cells")).isInstanceOf(CommandLine.ParameterException.class);
  }

  private static void parse(String command) {
    List<String> words =
        WORD.matcher(command.replaceFirst("(^|\\s)[#&|>].*$", ""))
            .results()
            .map(word ->
                word.group(1) != null
                    ? word.group(1)
                    : word.group(2) != null ? word.group(2) : word.group(3))
            .map(Objects::requireNonNull)
            .toList();
    CommandLine line = new CommandLine(Main.class);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    CommandLine.ParseResult unused = line.parseArgs(words.toArray(String[]::new));
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
        Stream<Path> top = Files.list(ROOT);
        Stream<Path> chart = Files.list(ROOT.resolve("helm/millrace"))) {
      return Stream.of(docs, top, chart)
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }
}

package io.millrace.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How the kernel files of all modules are written. */
class KernelFilesTest {

  private static final Pattern BY_POSITION =
      Pattern.compile("dims\\[|consts\\[|weights\\[at|saved\\[");
  private static final Pattern FORMAT_BY_NUMBER =
      Pattern.compile("dtype ?==? ?\\d|\\.to\\(\\d|memory_format=\\d");
  private static final int LONGEST = 40;

  @Test
  void functionsFitOnAScreen() throws IOException {
    List<Integer> lengths = new ArrayList<>();
    for (Path file : kernelFiles()) {
      for (List<String> function : functions(file)) {
        assertThat(function.size()).as("%s: %s", file, function.getFirst()).isLessThan(LONGEST);
        lengths.add(function.size());
      }
    }
    lengths.sort(null);
    assertThat(lengths).hasSizeGreaterThan(100);
    assertThat(lengths.get(lengths.size() / 2)).isLessThan(25);
  }

  @Test
  void nothingIsReadByPositionAndNoNumberFormatIsANumber() throws IOException {
    for (Path file : kernelFiles()) {
      for (String line : Files.readAllLines(file)) {
        assertThat(BY_POSITION.matcher(line).find()).as("%s: %s", file, line).isFalse();
        assertThat(FORMAT_BY_NUMBER.matcher(line).find()).as("%s: %s", file, line).isFalse();
      }
    }
  }

  @Test
  void countsLinesOfFunctions() {
    List<List<String>> functions =
        functions(
            List.of(
                "x = 1",
                "def a(",
                "    y",
                ") -> int:",
                "    return 1",
                "",
                "",
                "def b():",
                "  z"));
    assertThat(functions).hasSize(2);
    assertThat(functions.get(0)).hasSize(4);
    assertThat(functions.get(1)).hasSize(2);
  }

  private static List<Path> kernelFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path module :
        List.of(
            Path.of("../tensor"),
            Path.of("../language"),
            Path.of("../vision"),
            Path.of("../encoder"),
            Path.of("../../benchmarks"))) {
      try (Stream<Path> all = Files.walk(module.resolve("src/main/resources"))) {
        all.filter(file -> file.toString().endsWith(".py")).forEach(files::add);
      }
    }
    assertThat(files).hasSizeGreaterThan(10);
    return files;
  }

  private static List<List<String>> functions(Path file) throws IOException {
    return functions(Files.readAllLines(file));
  }

  /** From each {@code def} to the last line that is indented under it. */
  private static List<List<String>> functions(List<String> lines) {
    List<List<String>> functions = new ArrayList<>();
    boolean inside = false;
    for (String line : lines) {
      if (line.startsWith("def ")) {
        functions.add(new ArrayList<>());
        inside = true;
      } else if (!line.isBlank() && !line.startsWith(" ") && !line.startsWith(")")) {
        inside = false;
      }
      if (inside && !line.isBlank()) {
        functions.getLast().add(line);
      }
    }
    return functions;
  }
}

package io.millrace.benchmarks.represent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Figures of trials by name, kept in a file so that a benchmark that was stopped goes on. */
final class Outcomes {

  /** A trial to be made. */
  @FunctionalInterface
  interface Made {

    /**
     * Its figures.
     *
     * @param folder of its own, which does not exist unless the trial was stopped
     */
    List<Double> in(Path folder) throws IOException;
  }

  private final Path file;
  private final Map<String, List<Double>> known = new LinkedHashMap<>();

  Outcomes(Path file) throws IOException {
    this.file = file;
    for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
      String[] parts = line.split("\t", -1);
      known.put(
          parts[0], new ArrayList<>(Arrays.stream(parts).skip(1).map(Double::valueOf).toList()));
    }
  }

  /** Those of a trial, which is made unless they are known. */
  List<Double> of(String trial, Made made) throws IOException {
    List<Double> found = known.get(trial);
    if (found == null) {
      found =
          made.in(file.resolveSibling(file.getFileName() + "-" + trial.replaceAll("\\W+", "-")));
      known.put(trial, found);
      StringBuilder line = new StringBuilder(trial);
      found.forEach(value -> line.append('\t').append(value));
      Files.writeString(
          file,
          line.append('\n'),
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
    return found;
  }
}

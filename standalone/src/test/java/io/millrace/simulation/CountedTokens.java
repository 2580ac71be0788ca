package io.millrace.simulation;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Tokens as the weights of the simulated model, and their file. */
final class CountedTokens {
  private static final String FILE = "tokens.txt";

  private CountedTokens() {}

  static List<Integer> of(PackedSequence sequence) {
    return Arrays.stream(PackedSequences.tokenIds(sequence)).boxed().toList();
  }

  static void write(List<Integer> tokens, Path folder) throws IOException {
    Files.writeString(
        folder.resolve(FILE),
        tokens.stream().map(String::valueOf).collect(Collectors.joining("\n")));
  }

  static List<Integer> read(Path folder) throws IOException {
    return new ArrayList<>(
        Files.readAllLines(folder.resolve(FILE)).stream().map(Integer::valueOf).toList());
  }
}

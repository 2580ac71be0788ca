package io.millrace.benchmarks.represent;

import io.millrace.benchmarks.command.KeyValues;
import io.millrace.encoder.encode.Pooling;
import io.millrace.encoder.represent.Negatives;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What is learned, and how long.
 *
 * @param steps optimizer steps
 * @param batch documents a step
 * @param rate highest learning rate
 * @param seeds trainings of each kind
 * @param ahead numbers of places ahead that are predicted, one training each; the first is the
 *     standard one, with which negatives are compared
 * @param negatives kinds of negatives, likewise
 * @param temperature that cosines are divided by; 0: scores are bilinear
 * @param pooling which vectors of places make that of a document; empty: as the encoder says
 * @param encoder name of a preset, or a file with an encoder's configuration; empty: the smallest
 *     preset
 * @param length characters of the texts that are learned from without labels; 0: those that get
 *     labels
 * @param rows which trials are made
 */
record Settings(
    int steps,
    int batch,
    double rate,
    int seeds,
    List<Integer> ahead,
    List<Negatives> negatives,
    double temperature,
    Optional<Pooling> pooling,
    Optional<String> encoder,
    int length,
    List<Row> rows) {

  /** A kind of trials. */
  enum Row {
    RAW,
    RANDOM,
    SUPERVISED,
    LEARNED
  }

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("steps", "300"),
          Map.entry("batch", "16"),
          Map.entry("rate", "0.003"),
          Map.entry("seeds", "3"),
          Map.entry("ahead", "4,1,2,3"),
          Map.entry("negatives", "mixed,same,other"),
          Map.entry("temperature", "0"),
          Map.entry("pooling", ""),
          Map.entry("encoder", ""),
          Map.entry("length", "0"),
          Map.entry("rows", "raw,random,supervised,learned"));

  /**
   * Reads {@code KEY=VALUE} arguments over the defaults.
   *
   * @throws IllegalArgumentException if a key is unknown or a value is no number
   */
  static Settings of(List<String> arguments) {
    Map<String, String> values = KeyValues.over(DEFAULTS, arguments);
    return new Settings(
        Integer.parseInt(values.getOrDefault("steps", "")),
        Integer.parseInt(values.getOrDefault("batch", "")),
        Double.parseDouble(values.getOrDefault("rate", "")),
        Integer.parseInt(values.getOrDefault("seeds", "")),
        Arrays.stream(values.getOrDefault("ahead", "").split(",", -1))
            .map(Integer::valueOf)
            .toList(),
        Arrays.stream(values.getOrDefault("negatives", "").split(",", -1))
            .map(Negatives::of)
            .toList(),
        Double.parseDouble(values.getOrDefault("temperature", "")),
        Optional.of(values.getOrDefault("pooling", ""))
            .filter(pooling -> !pooling.isEmpty())
            .map(pooling -> Pooling.valueOf(pooling.toUpperCase(Locale.ROOT))),
        Optional.of(values.getOrDefault("encoder", "")).filter(encoder -> !encoder.isEmpty()),
        Integer.parseInt(values.getOrDefault("length", "")),
        Arrays.stream(values.getOrDefault("rows", "").split(",", -1))
            .map(row -> Row.valueOf(row.toUpperCase(Locale.ROOT)))
            .toList());
  }
}

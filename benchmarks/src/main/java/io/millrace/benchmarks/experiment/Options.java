package io.millrace.benchmarks.experiment;

import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.Precision;
import io.millrace.tensor.optimizer.AdamWSettings;
import io.millrace.tensor.optimizer.LearningRateSchedule;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code key=value} arguments over defaults; a key that is none of {@link #DEFAULTS} is one of the
 * model's {@code config.json}.
 */
final class Options {

  /** Decided on this data, with seeds that are not among those reported. */
  private static final Map<String, Double> DEFAULTS =
      Map.ofEntries(
          Map.entry("seeds", 3.0),
          Map.entry("first_seed", 1.0),
          Map.entry("steps", 2000.0),
          Map.entry("rows", 12.0),
          Map.entry("block", 64.0),
          Map.entry("rate", 3e-3),
          Map.entry("floor", 0.0),
          Map.entry("warmup", 100.0),
          Map.entry("decay", 0.1),
          Map.entry("beta2", 0.99),
          Map.entry("clip", 1.0),
          Map.entry("balance", 0.0),
          Map.entry("mtp", 0.3),
          Map.entry("bias_speed", 1e-3),
          Map.entry("ema", 0.0),
          Map.entry("cuda", 0.0),
          Map.entry("together", 0.0));

  private final Map<String, Double> numbers = new LinkedHashMap<>(DEFAULTS);
  private final Map<String, JsonNode> model = new LinkedHashMap<>();

  /**
   * Reads arguments.
   *
   * @throws IllegalArgumentException if one is not {@code key=value}
   */
  static Options of(List<String> arguments, Map<String, Double> defaults) {
    Options options = new Options();
    options.numbers.putAll(defaults);
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      if (pair.length != 2) {
        throw new IllegalArgumentException(
            "'%s' is not key=value; known are %s and the keys of config.json"
                .formatted(argument, DEFAULTS.keySet().stream().sorted().toList()));
      }
      if (DEFAULTS.containsKey(pair[0])) {
        options.numbers.put(pair[0], Double.valueOf(pair[1]));
      } else {
        options.model.put(pair[0], JsonMapper.shared().readTree(pair[1]));
      }
    }
    return options;
  }

  /**
   * Trials with each of the seeds, where it is said: {@code cuda=1} is the first device of CUDA, in
   * bf16.
   */
  Trials trials(PrintStream out) {
    String device = onCuda() ? "cuda:0" : "cpu";
    return new Trials(firstSeed(), integer("seeds"), device, integer("together"), out);
  }

  long firstSeed() {
    return integer("first_seed");
  }

  private boolean onCuda() {
    return integer("cuda") != 0;
  }

  /** The recipe for a model whose configuration lies beside this class. */
  Recipe recipe(Corpus corpus, String model) throws IOException {
    return recipe(corpus, config(model, Map.of()));
  }

  /** The recipe for a model. */
  Recipe recipe(Corpus corpus, LanguageConfig config) {
    return new Recipe(
        corpus,
        config,
        settings(),
        new LearningRateSchedule.WarmupCosine(
            number("rate"), number("floor"), integer("warmup"), integer("steps")),
        integer("steps"),
        integer("rows"),
        integer("block"));
  }

  /** A configuration that lies beside this class, with the keys of the arguments and these. */
  LanguageConfig config(String name, Map<String, ?> replaced) throws IOException {
    Path folder = Files.createTempDirectory("millrace-experiment");
    Path file = folder.resolve(ConfigFile.NAME);
    try (InputStream in = Options.class.getResourceAsStream(name + ".json")) {
      if (in == null) {
        throw new IOException(name + ".json is missing in this build");
      }
      Files.write(file, in.readAllBytes());
      Map<String, Object> all = new LinkedHashMap<>(model);
      all.putAll(replaced);
      return ConfigFile.read(folder, all);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  private LanguageTrainingSettings settings() {
    return new LanguageTrainingSettings(
            new AdamWSettings(0.9, number("beta2"), 1e-8, number("decay"), number("clip")),
            number("mtp"),
            number("balance"),
            number("bias_speed"))
        .withEma(number("ema"))
        .with(onCuda() ? Precision.BF16 : Precision.F32);
  }

  private double number(String key) {
    Double value = numbers.get(key);
    if (value == null) {
      throw new IllegalStateException("no option " + key);
    }
    return value;
  }

  private int integer(String key) {
    return (int) number(key);
  }
}

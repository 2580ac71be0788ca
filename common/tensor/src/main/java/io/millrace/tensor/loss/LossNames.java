package io.millrace.tensor.loss;

import io.millrace.tensor.name.NearestName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;

/** The names of losses, and what can be said of each. */
public final class LossNames {

  /** Scores of {@code smooth_ap} are logarithms, a few units apart: 1 would hardly order them. */
  private static final Temperature OF_ORDER = new Temperature(4, 4);

  /** The best of the paper (Salehi et al. 2017, table 1). */
  private static final double ALPHA = 0.3;

  private static final double BETA = 0.7;

  private static final Map<String, Function<LossParameters, Loss>> BY_NAME = byName();

  private LossNames() {}

  /** All names. */
  public static List<String> all() {
    return List.copyOf(BY_NAME.keySet());
  }

  /** The loss of a name. */
  static Loss loss(String name, LossParameters parameters) {
    Function<LossParameters, Loss> made = BY_NAME.get(name);
    if (made == null) {
      throw new IllegalArgumentException(
          "there is no loss \"%s\"; did you mean %s? Losses are %s"
              .formatted(name, NearestName.to(name, all()), String.join(", ", all())));
    }
    return made.apply(parameters);
  }

  /** The temperature that is written of a loss. */
  static Temperature temperature(Loss loss, LossParameters parameters) {
    if (!loss.hasTemperature()) {
      return Temperature.ONE;
    }
    double from = parameters.number("temperature", usualTemperature(loss).from());
    return new Temperature(from, parameters.number("annealed_to", from));
  }

  /** The temperature of a loss of which nothing is written. */
  static Temperature usualTemperature(Loss loss) {
    return loss instanceof Loss.SmoothAp ? OF_ORDER : Temperature.ONE;
  }

  /** What is read as this loss, without what is as usual. */
  static String text(Loss loss, Temperature temperature) {
    StringJoiner written = new StringJoiner(", ", "(", ")").setEmptyValue("");
    switch (loss) {
      case Loss.CrossEntropy(), Loss.Focal(), Loss.SmoothAp() -> {}
      case Loss.Surrogate(Decision _, Metric metric) -> write(metric, written);
      case Loss.Reinforce(Metric metric, int samples) -> {
        write(metric, written);
        if (samples != Loss.SAMPLES) {
          written.add("samples=" + samples);
        }
      }
    }
    if (loss.hasTemperature()) {
      if (temperature.from() != usualTemperature(loss).from()) {
        written.add("temperature=" + temperature.from());
      }
      if (temperature.to() != temperature.from()) {
        written.add("annealed_to=" + temperature.to());
      }
    }
    return name(loss) + written;
  }

  private static String name(Loss loss) {
    return switch (loss) {
      case Loss.CrossEntropy() -> "cross_entropy";
      case Loss.Focal() -> "focal";
      case Loss.SmoothAp() -> "smooth_ap";
      case Loss.Reinforce(Metric metric, int _) -> "reinforce_" + metric.key();
      case Loss.Surrogate(Decision decision, Metric metric) ->
          switch (metric) {
            case Metric.Dice _, Metric.Tversky _ -> metric.key();
            case Metric.Accuracy _, Metric.F1 _ -> decision.prefix() + "_" + metric.key();
          };
    };
  }

  private static void write(Metric metric, StringJoiner written) {
    if (metric instanceof Metric.Tversky(double alpha, double beta, Average _)
        && (alpha != ALPHA || beta != BETA)) {
      written.add("alpha=" + alpha).add("beta=" + beta);
    }
    if (!(metric instanceof Metric.Accuracy)) {
      switch (metric.classes()) {
        case Average.Macro() -> {}
        case Average.Micro() -> written.add("average=micro");
        case Average.Binary(int positive) ->
            written.add("average=binary").add("positive=" + positive);
      }
    }
  }

  private static Map<String, Function<LossParameters, Loss>> byName() {
    Map<String, Function<LossParameters, Loss>> names = new LinkedHashMap<>();
    names.put("cross_entropy", _ -> new Loss.CrossEntropy());
    names.put("focal", _ -> new Loss.Focal());
    for (Decision decision : Decision.values()) {
      names.put(
          decision.prefix() + "_accuracy",
          _ -> new Loss.Surrogate(decision, new Metric.Accuracy()));
      names.put(
          decision.prefix() + "_f1",
          written -> new Loss.Surrogate(decision, new Metric.F1(average(written))));
    }
    names.put(
        "dice", written -> new Loss.Surrogate(Decision.SOFT, new Metric.Dice(average(written))));
    names.put("tversky", written -> new Loss.Surrogate(Decision.SOFT, tversky(written)));
    names.put("smooth_ap", _ -> new Loss.SmoothAp());
    names.put(
        "reinforce_accuracy",
        written -> new Loss.Reinforce(new Metric.Accuracy(), samples(written)));
    names.put(
        "reinforce_f1",
        written -> new Loss.Reinforce(new Metric.F1(average(written)), samples(written)));
    return names;
  }

  private static Metric tversky(LossParameters written) {
    return new Metric.Tversky(
        written.number("alpha", ALPHA), written.number("beta", BETA), average(written));
  }

  private static int samples(LossParameters written) {
    return written.count("samples", Loss.SAMPLES);
  }

  private static Average average(LossParameters written) {
    List<String> names = List.of("macro", "micro", "binary");
    String name = written.text("average", "macro");
    return switch (name) {
      case "macro" -> new Average.Macro();
      case "micro" -> new Average.Micro();
      case "binary" -> new Average.Binary(written.count("positive", 1));
      default ->
          throw new IllegalArgumentException(
              "average is \"%s\"; did you mean %s? It must be one of %s"
                  .formatted(name, NearestName.to(name, names), String.join(", ", names)));
    };
  }
}

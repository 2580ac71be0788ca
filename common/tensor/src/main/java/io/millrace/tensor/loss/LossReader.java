package io.millrace.tensor.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads plans of losses from text and from what JSON gives. */
final class LossReader {

  private static final Pattern THEN = Pattern.compile("\\s+then\\s+");
  private static final Pattern PHASE =
      Pattern.compile("(\\w+)\\s*(?:\\(([^()]*)\\))?(?:\\s+at\\s+(\\S+))?");
  private static final Pattern PARAMETER = Pattern.compile("\\s*(\\w+)\\s*=\\s*([^\\s=]+)\\s*");

  private static final String LOSS = "loss";
  private static final String AT = "at";

  private LossReader() {}

  /** The losses of a text, an object, or a list of objects and texts. */
  static List<LossPlan.Phase> phases(Object written) {
    if (written instanceof String text) {
      return THEN.splitAsStream(text.strip()).map(LossReader::phase).toList();
    }
    List<?> parts = written instanceof List<?> list ? list : List.of(written);
    return parts.stream().map(LossReader::phaseOf).toList();
  }

  private static LossPlan.Phase phaseOf(Object part) {
    return switch (part) {
      case String text -> phase(text.strip());
      case Map<?, ?> fields -> phase(fields);
      default ->
          throw new IllegalArgumentException(
              "a loss is a text or an object with \"loss\", not " + part);
    };
  }

  private static LossPlan.Phase phase(String text) {
    Matcher matcher = PHASE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is no loss; write for example cross_entropy then soft_f1(temperature=2) at 80%%"
              .formatted(text));
    }
    return phase(matcher.group(1), parameters(matcher.group(2)), matcher.group(3));
  }

  private static LossPlan.Phase phase(Map<?, ?> fields) {
    Map<String, String> parameters = new LinkedHashMap<>();
    fields.forEach((name, value) -> {
      if (!(value instanceof String || value instanceof Number)) {
        throw new IllegalArgumentException(
            "%s of a loss must be a text or a number, not %s".formatted(name, value));
      }
      parameters.put(String.valueOf(name), value.toString());
    });
    String name = parameters.remove(LOSS);
    if (name == null) {
      throw new IllegalArgumentException("an object of a loss has no \"loss\": " + fields);
    }
    String at = parameters.remove(AT);
    return phase(name, parameters, at);
  }

  private static LossPlan.Phase phase(
      String name, Map<String, String> written, @Nullable String at) {
    LossParameters parameters = new LossParameters(name, written);
    Loss loss = LossNames.loss(name, parameters);
    Temperature temperature = LossNames.temperature(loss, parameters);
    parameters.requireAllTaken();
    return new LossPlan.Phase(
        loss, temperature, at == null ? new LossStart.Even() : LossStart.of(at));
  }

  private static Map<String, String> parameters(@Nullable String written) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (written != null && !written.isBlank()) {
      String[] parts = written.split(",", -1);
      for (String part : parts) {
        Matcher matcher = PARAMETER.matcher(part);
        if (!matcher.matches()) {
          throw new IllegalArgumentException(
              "\"%s\" is no parameter; write name=value, with commas between them".formatted(part));
        }
        if (parameters.put(matcher.group(1), matcher.group(2)) != null) {
          throw new IllegalArgumentException(matcher.group(1) + " is given twice");
        }
      }
    }
    return parameters;
  }
}

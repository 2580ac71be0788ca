package io.millrace.tensor.loss;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The losses of a training one after the other, as users write them: {@code cross_entropy then
 * soft_f1}, {@code cross_entropy then soft_f1(average=micro, temperature=1, annealed_to=10) at
 * 80%}, or the same as JSON, {@code [{"loss": "cross_entropy"}, {"loss": "soft_f1", "at": "80%"}]}.
 *
 * @param phases at least one; the first begins with the training
 */
public record LossPlan(List<Phase> phases) {

  /** Checks that there is one, and that the first does not say when it begins. */
  public LossPlan {
    phases = List.copyOf(phases);
    if (phases.isEmpty()) {
      throw new IllegalArgumentException("a training needs a loss");
    }
    if (!(phases.getFirst().start() instanceof LossStart.Even)) {
      throw new IllegalArgumentException(
          "the first loss, %s, begins with the training; leave out \"at\""
              .formatted(phases.getFirst().text()));
    }
  }

  /**
   * One of the losses.
   *
   * @param temperature of no effect for a loss without
   */
  public record Phase(Loss loss, Temperature temperature, LossStart start) {

    /** As it is written. */
    public String text() {
      return LossNames.text(loss, temperature) + start.text();
    }
  }

  /**
   * What a step learns from.
   *
   * @param temperature of this step
   */
  public record Moment(Loss loss, double temperature) {}

  /** One loss for all of the training. */
  public static LossPlan of(Loss loss) {
    return new LossPlan(
        List.of(new Phase(loss, LossNames.usualTemperature(loss), new LossStart.Even())));
  }

  /**
   * Reads a plan.
   *
   * @param written a text, or a list with an object a loss
   * @throws IllegalArgumentException if it is no plan; the message says what is known instead
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static LossPlan read(Object written) {
    return new LossPlan(LossReader.phases(written));
  }

  /** As a text that is read as this plan. */
  @JsonValue
  public String text() {
    return phases.stream().map(Phase::text).collect(Collectors.joining(" then "));
  }

  /**
   * Checks that no loss is of a class that there is not.
   *
   * @throws IllegalArgumentException if one is
   */
  public void requireClasses(long classes) {
    phases.forEach(phase -> phase.loss().requireClasses(classes));
  }

  /**
   * Checks that every loss has a step in a training of so many.
   *
   * @throws IllegalArgumentException if one has none; the message names it
   */
  public void requireSteps(long steps) {
    long before = -1;
    for (int place = 0; place < phases.size(); place++) {
      long first = firstStep(place, steps);
      if (first <= before || first >= steps) {
        throw new IllegalArgumentException(
            "loss %d of \"%s\" would begin at step %d of %d, %s"
                .formatted(
                    place + 1,
                    text(),
                    first,
                    steps,
                    first >= steps ? "after the last one" : "not after the loss before it"));
      }
      before = first;
    }
  }

  /**
   * What a step learns from.
   *
   * @param step steps made before
   * @param steps of the whole training
   */
  public Moment at(long step, long steps) {
    int place = phases.size() - 1;
    while (place > 0 && step < firstStep(place, steps)) {
      place--;
    }
    long first = firstStep(place, steps);
    long end = place + 1 < phases.size() ? firstStep(place + 1, steps) : steps;
    Phase phase = phases.get(place);
    return new Moment(phase.loss(), phase.temperature().at(step - first, end - first));
  }

  private long firstStep(int place, long steps) {
    return phases.get(place).start().firstStep(place, phases.size(), steps);
  }
}

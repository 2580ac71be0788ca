package io.millrace.tensor.loss;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.random.SeededRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The losses of a training by its plan. What is drawn follows from the seed, the step and a row's
 * place among the step's rows, so that a resumed training draws what it would have drawn, however
 * rows are split into batches.
 *
 * <p>For one thread at a time.
 */
public final class PlannedLoss {

  /** Sets these draws apart from others of the same seed and step. */
  private static final long PURPOSE = 0x10_55;

  private final TensorEngine engine;
  private final LossPlan plan;
  private final long steps;
  private final long seed;
  private final Map<Loss, RowLoss> compiled = new HashMap<>();

  /**
   * A plan for so many steps.
   *
   * @throws IllegalArgumentException if a loss of it has no step
   */
  public PlannedLoss(TensorEngine engine, LossPlan plan, long steps, long seed) {
    plan.requireSteps(steps);
    this.engine = engine;
    this.plan = plan;
    this.steps = steps;
    this.seed = seed;
  }

  /**
   * The loss of a step.
   *
   * @param step steps made before
   * @param labels of each batch
   */
  public StepLoss begin(long step, List<RowLabels> labels) {
    LossPlan.Moment moment = plan.at(step, steps);
    RowLoss loss = compiled.computeIfAbsent(moment.loss(), one -> new RowLoss(engine, one));
    long drawn = SeededRandom.of(seed, step, PURPOSE).nextLong();
    return new StepLoss(loss, moment.loss().addsUp(), labels, moment.temperature(), drawn);
  }
}

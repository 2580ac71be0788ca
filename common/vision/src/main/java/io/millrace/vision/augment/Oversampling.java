package io.millrace.vision.augment;

import java.util.ArrayList;
import java.util.List;

/**
 * Pictures with small objects take the places of pictures without (Kisantal et al. 2019, section
 * 4.1): each is in the batch {@code rate} times as often as one without, on average. A batch of
 * either kind alone stays as it is.
 *
 * @param rate at least 1
 * @param small largest size of a small object, the root of its area in the picture's own pixels
 */
public record Oversampling(double rate, double small) implements BatchChange {

  public Oversampling {
    if (!(rate >= 1) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("a rate must be at least 1, it is " + rate);
    }
  }

  /** By evenly spaced places on the line of all weights, from a random one on. */
  @Override
  public List<TrainingPicture> apply(List<TrainingPicture> batch, Draws draws) {
    double[] weights = batch.stream().mapToDouble(one -> hasSmall(one) ? rate : 1).toArray();
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    double step = total / batch.size();
    double at = draws.of(0, "oversampling").nextDouble() * step;
    List<TrainingPicture> chosen = new ArrayList<>();
    double passed = 0;
    for (int i = 0; i < weights.length; i++) {
      passed += weights[i];
      while (chosen.size() < batch.size() && (at < passed || i == weights.length - 1)) {
        chosen.add(batch.get(i));
        at += step;
      }
    }
    return chosen;
  }

  private boolean hasSmall(TrainingPicture one) {
    return one.objects().stream().anyMatch(object -> one.ownSize(object) <= small);
  }
}

package io.millrace.benchmarks.represent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RidgeProbeTest {

  @Test
  void findsClassesThatPlanesSeparate() {
    Random random = new Random(1);
    List<float[]> features = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      int label = i % 3;
      float[] x = new float[5];
      for (int j = 0; j < x.length; j++) {
        x[j] = (float) (random.nextGaussian() + (j == label ? 8 : 0)) * 100;
      }
      features.add(x);
      labels.add(label);
    }
    RidgeProbe probe = RidgeProbe.learn(features.subList(0, 200), labels.subList(0, 200), 3, 1);
    Scores scores = new Scores(3);
    for (int i = 200; i < 300; i++) {
      scores.add(labels.get(i), probe.predict(features.get(i)));
    }
    assertThat(scores.accuracy()).isEqualTo(1);
    assertThat(scores.macroF1()).isEqualTo(1);
  }

  @Test
  void countsF1OfEveryClassAlike() {
    Scores scores = new Scores(2);
    for (int i = 0; i < 8; i++) {
      scores.add(0, 0);
    }
    scores.add(1, 0);
    scores.add(1, 1);
    assertThat(scores.accuracy()).isEqualTo(0.9);
    assertThat(scores.macroF1()).isCloseTo((16.0 / 17 + 2.0 / 3) / 2, within(1e-12));
  }
}

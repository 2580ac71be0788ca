package io.millrace.encoder.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerceptronTrainerTest {

  private static final float[] CORNERS = {0, 0, 0, 1, 1, 0, 1, 1};
  private static final ExampleBatch AND = batch(0, 0, 0, 1);
  private static final ExampleBatch XOR = batch(0, 1, 1, 0);

  private final TensorEngine engine = TensorEngine.start("cpu");
  @TempDir Path directory;

  private static ExampleBatch batch(long... classes) {
    return new ExampleBatch(Inputs.Rows.of(CORNERS, 2), classes);
  }

  private PerceptronTrainer trainer(List<String> classes, boolean bias) {
    return PerceptronTrainer.create(
        engine, ClassifierConfig.of(classes, Blobs.INPUT, new ClassifierHead.Perceptron(bias)));
  }

  private static double lossAfter(PerceptronTrainer trainer, ExampleBatch batch, int steps) {
    double loss = 1;
    for (int i = 0; i < steps; i++) {
      loss = trainer.step(List.of(batch), 1).loss();
    }
    return loss;
  }

  @Test
  void learnsAndWithABiasAloneAndXorNever() {
    List<String> classes = List.of("no", "yes");
    try (PerceptronTrainer with = trainer(classes, true);
        PerceptronTrainer without = trainer(classes, false);
        PerceptronTrainer never = trainer(classes, true)) {
      assertThat(lossAfter(with, AND, 30)).isZero();
      assertThat(with.step(List.of(AND), 1)).isEqualTo(new ClassifierStep(0, 1, 0, 4, 4));
      assertThat(lossAfter(without, AND, 200)).isPositive();
      assertThat(lossAfter(never, XOR, 200)).isPositive();
      assertThat(with.learnedParameters()).isEqualTo(3);
      assertThat(without.learnedParameters()).isEqualTo(2);
    }
  }

  /**
   * What is saved is a linear classifier; it decides as the perceptron does, and is resumed with.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void publishesALinearClassifierAndIsResumedWithIt(int classes) throws IOException {
    List<String> names = Blobs.CLASSES.subList(0, classes);
    ExampleBatch batch = Blobs.batch(3, 30);
    ExampleBatch own =
        classes == 3 ? batch : new ExampleBatch(batch.inputs(), folded(batch.classes()));
    float[][] expected;
    Path again = directory.resolve("again");
    try (PerceptronTrainer trainer = trainer(names, true)) {
      trainer.step(List.of(own, own), 0.5);
      expected = trainer.logits(own.inputs());
      Files.createDirectories(directory);
      trainer.save(directory);
    }
    try (Classifier classifier = Classifier.load(engine, directory)) {
      double[][] probabilities = classifier.classify(own.inputs());
      for (int i = 0; i < expected.length; i++) {
        assertThat(highest(probabilities[i])).isEqualTo(highest(doubles(expected[i])));
      }
    }
    Files.createDirectories(again);
    try (PerceptronTrainer trainer = PerceptronTrainer.restore(engine, directory)) {
      assertThat(trainer.logits(own.inputs())).isDeepEqualTo(expected);
      trainer.save(again);
    }
    assertThat(again.resolve("model.safetensors"))
        .hasSameBinaryContentAs(directory.resolve("model.safetensors"));
  }

  private static long[] folded(long[] classes) {
    return Arrays.stream(classes).map(one -> one == 2 ? ExampleBatch.NONE : one).toArray();
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  private static int highest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  @Test
  void refusesOtherModels() {
    assertThatThrownBy(
            () -> PerceptronTrainer.create(engine, Blobs.config(new ClassifierHead.Linear(true))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the head is no perceptron");
    assertThatThrownBy(() -> PerceptronTrainer.restore(engine, directory.resolve("none")))
        .isInstanceOf(IOException.class);
    try (PerceptronTrainer trainer = trainer(List.of("a", "b"), true)) {
      assertThatThrownBy(() -> trainer.step(List.of(Blobs.batch(new float[2], 2)), 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("an example of class 2 of 2");
    }
  }
}

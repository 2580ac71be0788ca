package io.millrace.encoder.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.activation.Activation;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.loss.LossPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassifierTrainerTest {

  private static final int STEPS = 60;
  private static final ClassifierHead LINEAR = new ClassifierHead.Linear(/* bias= */ true);
  private static final ClassifierHead MLP = mlp(0.2);

  private final TensorEngine engine = TensorEngine.start("cpu");

  private static ClassifierHead mlp(double dropout) {
    return new ClassifierHead.Mlp(
        List.of(new ClassifierHead.Layer(16, true), new ClassifierHead.Layer(8, false)),
        Activation.GELU,
        dropout,
        /* bias= */ true);
  }

  private static ClassifierTrainingSettings settings(String loss) {
    return ClassifierTrainingSettings.standard(STEPS).withLoss(LossPlan.read(loss));
  }

  private ClassifierTrainer trainer(ClassifierHead head, ClassifierTrainingSettings settings) {
    return ClassifierTrainer.create(engine, Blobs.config(head), settings, 3);
  }

  private static double accuracy(float[][] logits, long[] classes) {
    int right = 0;
    for (int i = 0; i < logits.length; i++) {
      int best = 0;
      for (int c = 1; c < logits[i].length; c++) {
        best = logits[i][c] > logits[i][best] ? c : best;
      }
      right += best == classes[i] ? 1 : 0;
    }
    return (double) right / logits.length;
  }

  private static float[] first(float[][] logits) {
    return logits[0];
  }

  @ParameterizedTest
  @CsvSource({
    "linear, cross_entropy",
    "mlp, cross_entropy",
    "mlp, cross_entropy then soft_f1",
    "linear, cross_entropy then straight_through_f1",
  })
  void learnsWhatCanBeToldApart(String head, String loss) {
    ClassifierHead chosen = head.equals("mlp") ? mlp(0) : LINEAR;
    try (ClassifierTrainer trainer = trainer(chosen, settings(loss))) {
      for (int i = 0; i < STEPS; i++) {
        trainer.step(List.of(Blobs.batch(i, 48)), 0.05);
      }
      ExampleBatch unseen = Blobs.batch(1000, 300);
      assertThat(accuracy(trainer.logits(unseen.inputs()), unseen.classes())).isGreaterThan(0.98);
    }
  }

  @Test
  void beginsLinearWithAllClassesAlike() {
    try (ClassifierTrainer trainer = trainer(LINEAR, settings("cross_entropy"))) {
      ClassifierStep step = trainer.step(List.of(Blobs.batch(1, 30)), 0.01);
      assertThat(step.loss()).isEqualTo(Math.log(3), within(1e-6));
      assertThat(step.examples()).isEqualTo(30);
      assertThat(step.labelled()).isEqualTo(30);
      assertThat(step.gradientNorm()).isPositive();
      assertThat(trainer.steps()).isEqualTo(1);
      assertThat(trainer.parameters()).isEqualTo(3 * 2 + 3);
      assertThat(trainer.learnedParameters()).isEqualTo(3 * 2 + 3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cross_entropy", "soft_f1", "reinforce_f1"})
  void learnsTheSameOfSeveralBatchesAsOfOne(String loss) {
    ExampleBatch whole = Blobs.batch(5, 24);
    List<ExampleBatch> parts =
        List.of(Blobs.part(whole, 0, 5), Blobs.part(whole, 5, 6), Blobs.part(whole, 6, 24));
    try (ClassifierTrainer one = trainer(MLP, settings(loss));
        ClassifierTrainer several = trainer(MLP, settings(loss))) {
      for (int i = 0; i < 5; i++) {
        ClassifierStep atOnce = one.step(List.of(whole), 0.01);
        ClassifierStep inParts = several.step(parts, 0.01);
        assertThat(inParts.loss()).isEqualTo(atOnce.loss(), within(1e-4));
        assertThat(inParts.accuracy()).isEqualTo(atOnce.accuracy());
        assertThat(inParts.gradientNorm()).isEqualTo(atOnce.gradientNorm(), within(1e-4));
      }
      float[] expected = first(one.logits(whole.inputs()));
      assertThat(first(several.logits(whole.inputs()))).containsExactly(expected, within(1e-3f));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5})
  void resumesBitForBit(double emaDecay, @TempDir Path directory) throws IOException {
    ClassifierTrainingSettings settings =
        settings("cross_entropy then gumbel_f1 at 4").withEma(emaDecay);
    Path half = directory.resolve("half");
    Path whole = directory.resolve("whole");
    Path resumed = directory.resolve("resumed");
    try (ClassifierTrainer trainer = trainer(MLP, settings)) {
      for (int i = 0; i < 6; i++) {
        if (i == 3) {
          trainer.save(half);
        }
        trainer.step(List.of(Blobs.batch(i, 12)), 0.01);
      }
      trainer.save(whole);
    }
    try (ClassifierTrainer trainer = ClassifierTrainer.restore(engine, half, settings)) {
      for (int i = 3; i < 6; i++) {
        trainer.step(List.of(Blobs.batch(i, 12)), 0.01);
      }
      trainer.save(resumed);
    }
    try (var files = Files.list(whole)) {
      for (Path file : files.toList()) {
        assertThat(resumed.resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void makesShortStepsOnOneThreadAndLeavesTheCallerItsOwn() {
    try (ClassifierTrainer trainer = trainer(MLP, settings("cross_entropy"));
        ClassifierTrainer other = trainer(MLP, settings("cross_entropy"))) {
      ExampleBatch batch = Blobs.batch(1, 500);
      TensorEngine.enterThread(3);
      ClassifierStep spread = trainer.step(List.of(batch), 0.01);
      assertThat(TensorEngine.threads()).isEqualTo(3);
      assertThatThrownBy(() -> trainer.step(List.of(), 0.01))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(TensorEngine.threads()).isEqualTo(3);
      TensorEngine.enterThread(1);
      assertThat(other.step(List.of(batch), 0.01)).isEqualTo(spread);
      assertThat(first(other.logits(batch.inputs())))
          .isEqualTo(first(trainer.logits(batch.inputs())));
    } finally {
      TensorEngine.enterThread(Runtime.getRuntime().availableProcessors());
    }
  }

  @Test
  void learnsNothingOfExamplesWithoutALabel() {
    ExampleBatch labelled = Blobs.batch(2, 6);
    long[] classes = labelled.classes().clone();
    Arrays.fill(classes, 3, 6, ExampleBatch.NONE);
    ExampleBatch half = new ExampleBatch(labelled.inputs(), classes);
    try (ClassifierTrainer some = trainer(LINEAR, settings("cross_entropy"));
        ClassifierTrainer none = trainer(LINEAR, settings("cross_entropy"))) {
      ClassifierStep step = some.step(List.of(half), 0.01);
      assertThat(step.examples()).isEqualTo(6);
      assertThat(step.labelled()).isEqualTo(3);
      assertThat(step.loss()).isEqualTo(Math.log(3), within(1e-6));
      Arrays.fill(classes, ExampleBatch.NONE);
      float[] before = first(none.logits(labelled.inputs()));
      ClassifierStep nothing = none.step(List.of(half, half), 0.01);
      assertThat(nothing).isEqualTo(new ClassifierStep(0, 0, 0, 12, 0));
      assertThat(first(none.logits(labelled.inputs()))).containsExactly(before);
    }
  }

  /** Neither gradients nor statistics of what failed may be left. */
  @ParameterizedTest
  @ValueSource(strings = {"cross_entropy", "soft_f1"})
  void goesOnAsBeforeAfterAStepThatFailed(String loss) {
    try (ClassifierTrainer trainer = trainer(MLP, settings(loss));
        ClassifierTrainer untroubled = trainer(MLP, settings(loss))) {
      assertThat(trainer.step(List.of(Blobs.batch(1, 30)), 0.01))
          .isEqualTo(untroubled.step(List.of(Blobs.batch(1, 30)), 0.01));
      assertThatThrownBy(() -> trainer.step(List.of(Blobs.batch(9, 30)), /* learningRate= */ -1))
          .hasMessageContaining("not a learning rate");
      for (int step = 2; step < 4; step++) {
        assertThat(trainer.step(List.of(Blobs.batch(step, 30)), 0.01))
            .isEqualTo(untroubled.step(List.of(Blobs.batch(step, 30)), 0.01));
      }
    }
  }

  @Test
  void learnsWithAClassThatNeverOccursAndOneThatOccursOnce() {
    float[] values = {-1, 0, -2, 0, -1.5f, 0, 3, 0};
    try (ClassifierTrainer trainer = trainer(LINEAR, settings("cross_entropy then soft_f1"))) {
      ExampleBatch batch = Blobs.batch(values, 0, 0, 0, 1);
      for (int i = 0; i < STEPS; i++) {
        assertThat(trainer.step(List.of(batch), 0.1).loss()).isFinite();
      }
      float[][] logits = trainer.logits(batch.inputs());
      assertThat(accuracy(logits, batch.classes())).isEqualTo(1);
      assertThat(Softmax.of(logits[0], 1)[2]).isLessThan(0.1);
    }
  }

  @Test
  void countsClassesByTheirWeights() {
    ClassifierTrainingSettings heavy =
        settings("cross_entropy").withClassWeights(new ClassWeights.Given(List.of(1.0, 1.0, 50.0)));
    // The same row with three labels: the probabilities become the shares of the weights.
    ExampleBatch batch = Blobs.batch(new float[] {1, 1, 1, 1, 1, 1}, 0, 1, 2);
    try (ClassifierTrainer trainer = trainer(LINEAR, heavy)) {
      for (int i = 0; i < STEPS; i++) {
        trainer.step(List.of(batch), 0.3);
      }
      double[] probabilities = Softmax.of(first(trainer.logits(batch.inputs())), 1);
      assertThat(probabilities[2]).isEqualTo(50.0 / 52, within(0.02));
    }
  }

  @Test
  void servesWhatItHasLearned(@TempDir Path directory) throws IOException {
    ExampleBatch batch = Blobs.batch(9, 30);
    try (ClassifierTrainer trainer = trainer(MLP, settings("cross_entropy").withEma(0.9))) {
      for (int i = 0; i < 20; i++) {
        trainer.step(List.of(Blobs.batch(i, 30)), 0.05);
      }
      trainer.save(directory);
      ClassifierConfigFile.write(trainer.config().withTemperature(2), directory);
      try (Classifier classifier = Classifier.load(engine, directory)) {
        assertThat(classifier.config()).isEqualTo(trainer.config().withTemperature(2));
        double[][] probabilities = classifier.classify(batch.inputs());
        float[][] logits = trainer.logits(batch.inputs());
        for (int i = 0; i < logits.length; i++) {
          assertThat(probabilities[i]).containsExactly(Softmax.of(logits[i], 2));
          assertThat(Arrays.stream(probabilities[i]).sum()).isEqualTo(1, within(1e-12));
        }
      }
      trainer.save(directory);
      assertThat(ClassifierConfigFile.read(directory).temperature()).isEqualTo(1);
    }
  }

  @Test
  void beginsWithAPublishedModel(@TempDir Path directory) throws IOException {
    ExampleBatch batch = Blobs.batch(9, 30);
    float[] learned;
    try (ClassifierTrainer trainer = trainer(MLP, settings("cross_entropy"))) {
      trainer.step(List.of(batch), 0.05);
      learned = first(trainer.logits(batch.inputs()));
      trainer.save(directory);
    }
    try (ClassifierTrainer trainer =
        ClassifierTrainer.from(engine, directory, settings("cross_entropy"), 8)) {
      assertThat(first(trainer.logits(batch.inputs()))).containsExactly(learned);
      assertThat(trainer.steps()).isZero();
    }
  }

  @Test
  void refusesWhatDoesNotFit(@TempDir Path directory) {
    try (ClassifierTrainer trainer = trainer(LINEAR, settings("cross_entropy"))) {
      Inputs wide = Inputs.Rows.of(new float[3], 3);
      assertThatThrownBy(() -> trainer.step(List.of(new ExampleBatch(wide, new long[1])), 0.1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rows of 3 columns, the model takes 2");
      assertThatThrownBy(() -> trainer.logits(wide))
          .hasMessage("rows of 3 columns, the model takes 2");
      assertThatThrownBy(() -> trainer.step(List.of(Blobs.batch(new float[2], 3)), 0.1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("an example of class 3 of 3");
    }
    assertThatThrownBy(() ->
            trainer(
                LINEAR,
                settings("cross_entropy")
                    .withClassWeights(new ClassWeights.Given(List.of(1.0, 2.0)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 weights of 3 classes");
    assertThatThrownBy(
            () -> ClassifierTrainer.restore(engine, directory, settings("cross_entropy")))
        .isInstanceOf(IOException.class);
  }
}

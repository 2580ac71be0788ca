package io.millrace.encoder.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.tensor.engine.TensorEngine;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassWeightsTest {

  private static ExampleBatch examples(long... classes) {
    return Blobs.batch(new float[2 * classes.length], classes);
  }

  @Test
  void balancedClassesCountAlikeOverAllBatchesOfAStep() {
    double[] weights =
        new ClassWeights.Balanced().of(List.of(examples(0, 0, 0, -1), examples(0, 2, -1, 0, 0)), 3);
    // Six of class 0, one of class 2, none of class 1: the sum stays seven.
    assertThat(weights).containsExactly(new double[] {7.0 / 12, 0, 3.5}, within(1e-12));
    assertThat(new ClassWeights.Balanced().of(List.of(examples(-1, -1)), 2)).containsExactly(0, 0);
  }

  @Test
  void givenOnesAreThoseOfTheClasses() {
    assertThat(ClassWeights.EQUAL.of(List.of(), 2)).containsExactly(1, 1);
    ClassWeights given = new ClassWeights.Given(List.of(1.0, 4.0));
    assertThat(given.of(List.of(), 2)).containsExactly(1, 4);
    given.requireFit(2);
    assertThatThrownBy(() -> given.requireFit(3)).hasMessage("2 weights of 3 classes");
    assertThatThrownBy(() -> new ClassWeights.Given(List.of(0.0)))
        .hasMessage("a class cannot count 0.0 times");
  }

  @Test
  void aRareClassIsLearnedAsMuchAsAFrequentOne() {
    ClassifierTrainingSettings balanced =
        ClassifierTrainingSettings.standard(100).withClassWeights(new ClassWeights.Balanced());
    // The same row with a label seven times and with two others once: the shares become even.
    ExampleBatch batch = Blobs.batch(new float[18], 0, 0, 0, 0, 0, 0, 0, 1, 2);
    ClassifierConfig config = Blobs.config(new ClassifierHead.Linear(true));
    try (ClassifierTrainer trainer =
        ClassifierTrainer.create(TensorEngine.start("cpu"), config, balanced, 1)) {
      for (int i = 0; i < 100; i++) {
        trainer.step(List.of(batch), 0.1);
      }
      assertThat(Softmax.of(trainer.logits(batch.inputs())[0], 1))
          .containsExactly(new double[] {1.0 / 3, 1.0 / 3, 1.0 / 3}, within(1e-3));
    }
  }
}

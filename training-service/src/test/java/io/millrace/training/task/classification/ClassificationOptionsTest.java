package io.millrace.training.task.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.encoder.classify.ClassWeights;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.ClassifierTrainingSettings;
import io.millrace.encoder.encode.Pooling;
import io.millrace.platform.error.MillraceException;
import io.millrace.tensor.activation.Activation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ClassificationOptionsTest {

  /** Standard options but for one. */
  static ClassificationOptions with(String name, String value) {
    return new ClassificationOptions(
        name.equals("accumulation") ? Integer.parseInt(value) : 0,
        name.equals("ema_decay") ? Double.parseDouble(value) : 0,
        name.equals("loss") ? value : "",
        name.equals("class_weights") ? value : "",
        name.equals("encoder") ? value : "",
        "",
        name.equals("hidden") ? value : "",
        name.equals("activation") ? value : "",
        name.equals("dropout") ? Double.parseDouble(value) : 0,
        name.equals("bias") ? value : "",
        name.equals("weight_decay") ? Double.parseDouble(value) : 0.01,
        /* calibrate= */ true);
  }

  /** Standard options on an encoder, pooled so. */
  static ClassificationOptions pooled(String encoder, String pooling) {
    return new ClassificationOptions(
        1, 0, "", "", encoder, pooling, "", "", 0, "", 0.01, /* calibrate= */ true);
  }

  @Test
  void poolsTheStatesOfAnEncoderAlone() {
    assertThat(pooled("writer@1", "").pooled()).isEqualTo(Pooling.ENCODER_MEAN);
    assertThat(pooled("writer@1", "mean").pooled()).isEqualTo(Pooling.ENCODER_MEAN);
    assertThat(pooled("writer@1", "last").pooled()).isEqualTo(Pooling.CONTEXT_LAST);
    assertThatThrownBy(() -> pooled("writer@1", "max"))
        .hasMessage("pooling must be mean or last, it is 'max'");
    assertThatThrownBy(() -> pooled("", "last"))
        .hasMessageContaining("pooling is of the states of a language model: name one");
  }

  @Test
  void putsInWhatNothingStandsFor() {
    assertThat(with("", "")).isEqualTo(ClassificationOptions.STANDARD);
    assertThat(ClassificationOptions.STANDARD.loss()).isEqualTo("cross_entropy");
    assertThat(ClassificationOptions.STANDARD.accumulation()).isEqualTo(1);
    assertThat(ClassificationOptions.STANDARD.biases(3)).containsExactly(true, true, true);
  }

  @Test
  void readsListsAndNames() {
    assertThat(with("hidden", "64, 32").hiddenWidths()).containsExactly(64, 32);
    assertThat(with("bias", "on,off").biases(2)).containsExactly(true, false);
    assertThat(with("bias", "off").biases(2)).containsExactly(false, false);
    assertThat(with("activation", "swish").function()).isEqualTo(Activation.SILU);
    assertThat(with("activation", "swish").activation()).isEqualTo("silu");
    ClassifierTrainingSettings settings =
        with("loss", "cross_entropy then soft_f1 at 80%").settings(100);
    assertThat(settings.loss().phases()).hasSize(2);
    assertThat(settings.steps()).isEqualTo(100);
    assertThat(with("class_weights", "1,2.5").settings(10).classWeights())
        .isEqualTo(new ClassWeights.Given(List.of(1.0, 2.5)));
    assertThat(with("class_weights", "balanced").settings(10).classWeights())
        .isEqualTo(new ClassWeights.Balanced());
    with("class_weights", "balanced").requireClasses(List.of("a", "b", "c"));
    assertThat(with("weight_decay", "0").settings(10).optimizer().weightDecay()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "loss, cross_entropi, cross_entropy",
    "loss, cross_entropy then, no loss",
    "class_weights, '1,x', like 1",
    "class_weights, '1,0', must be above 0",
    "encoder, cells, with its version",
    "encoder, cells@0, with its version",
    "encoder, 'a b@1', with its version",
    "hidden, '64,', like 64",
    "activation, none, one of",
    "dropout, 1, below 1",
    "dropout, -0.1, at least 0",
    "bias, 'yes', like on",
    "weight_decay, 11, 0 to 10",
    "weight_decay, NaN, 0 to 10",
    "accumulation, -1, between 0",
    "ema_decay, 1, below 1",
  })
  void refusesWhatMakesNoSense(String name, String value, String message) {
    assertThatThrownBy(() -> with(name, value))
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.parameter()).isEqualTo(name))
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "hidden, 8",
    "activation, gelu",
    "dropout, 0.5",
    "bias, off",
    "loss, soft_f1",
    "weight_decay, 0.1",
  })
  void refusesWhatAModelThatIsTakenAsItIsWouldIgnore(String name, String value) {
    assertThatThrownBy(
            () -> with(name, value).requireHead(new ClassifierHead.Perceptron(true), "model 'm@1'"))
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.parameter()).isEqualTo(name))
        .hasMessageContaining(name);
    with("loss", "soft_f1").requireHead(new ClassifierHead.Linear(true), "model 'm@1'");
    assertThatThrownBy(() -> with("encoder", "cells@1").requireNoEncoder("model 'm@1'"))
        .hasMessage("encoder is for a classifier that is made anew; model 'm@1' is taken as it is");
  }

  @Test
  void takesListsOfJsonForTexts() {
    JsonMapper json =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    ObjectNode asked = json.valueToTree(ClassificationOptions.STANDARD);
    asked.set("hidden", json.readTree("[64, 32]"));
    asked.set("bias", json.readTree("[\"on\", \"off\", \"on\"]"));
    asked.set("class_weights", json.readTree("[1, 2.5]"));
    asked.set(
        "loss",
        json.readTree(
            "[\"cross_entropy\", {\"loss\": \"soft_f1\", \"at\": \"80%\", \"average\": \"micro\"}]"));
    ClassificationOptions options = json.treeToValue(asked, ClassificationOptions.class);
    assertThat(options.hiddenWidths()).containsExactly(64, 32);
    assertThat(options.biases(3)).containsExactly(true, false, true);
    assertThat(options.classWeights()).isEqualTo("1,2.5");
    assertThat(options.loss()).isEqualTo("cross_entropy then soft_f1(average=micro) at 0.8");
    asked.set("loss", json.readTree("[{\"loss\": \"soft_f2\"}]"));
    assertThatThrownBy(() -> json.treeToValue(asked, ClassificationOptions.class))
        .hasMessageContaining("did you mean soft_f1?");
    asked.set("loss", json.readTree("\"\""));
    asked.set("hidden", json.readTree("[]"));
    assertThatThrownBy(() -> json.treeToValue(asked, ClassificationOptions.class))
        .isInstanceOf(MismatchedInputException.class);
  }

  @Test
  void refusesWhatDoesNotFitTheRunOrTheDataset() {
    assertThatThrownBy(() ->
            with("loss", "soft_f1(average=binary, positive=3)")
                .requireClasses(List.of("a", "b", "c")))
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.parameter()).isEqualTo("loss"))
        .hasMessageContaining("positive is 3; classes are from 0 to 2");
    assertThatThrownBy(() -> with("loss", "cross_entropy then soft_f1 at 50").settings(50))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("step 50 of 50");
    assertThatThrownBy(() -> with("class_weights", "1,2").requireClasses(List.of("a", "b", "c")))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("2 numbers")
        .hasMessageContaining("[a, b, c]");
    assertThatThrownBy(() -> with("bias", "on,off").biases(3))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("3 layers");
  }
}

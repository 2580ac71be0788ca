package io.millrace.training.task.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.encoder.classify.ClassifierConfig;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.EncodedInput;
import io.millrace.encoder.classify.FreshEncoders;
import io.millrace.encoder.classify.RowInput;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.TokenEncoder;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.tensor.activation.Activation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ClassifierShapeTest {

  private static final List<String> CLASSES = List.of("a", "b");
  private static final Content ROWS = new Content.Rows(List.of("x", "y"), CLASSES);
  private static final Content TEXTS = new Content.Text(64, null, CLASSES);
  private static final Content PICTURES = new Content.Pictures(32, 32, CLASSES);
  private static final ClassificationOptions STANDARD = ClassificationOptions.STANDARD;
  private static final EncoderConfig ENCODER = FreshEncoders.NANO.pictures(32, 32).encoder();

  @Test
  void makesHeadsOnRows() {
    ClassifierConfig linear = ClassifierShape.LINEAR.config(ROWS, 0, STANDARD, null);
    assertThat(linear.classes()).isEqualTo(CLASSES);
    assertThat(linear.input()).isEqualTo(new RowInput(List.of("x", "y")));
    assertThat(linear.head()).isEqualTo(new ClassifierHead.Linear(true));
    ClassifierConfig mlp = ClassifierShape.MLP.config(ROWS, 0, STANDARD, null);
    assertThat(mlp.head())
        .isEqualTo(
            new ClassifierHead.Mlp(
                List.of(new ClassifierHead.Layer(64, true), new ClassifierHead.Layer(64, true)),
                Activation.RELU,
                0,
                true));
  }

  @Test
  void takesHeadsAsTheyAreAskedFor() {
    ClassificationOptions options =
        new ClassificationOptions(
            1, 0, "", "", "", "", "5,6", "mish", 0.25, "off,on,off", 0.01, /* calibrate= */ false);
    assertThat(ClassifierShape.MLP.config(ROWS, 0, options, null).head())
        .isEqualTo(
            new ClassifierHead.Mlp(
                List.of(new ClassifierHead.Layer(5, false), new ClassifierHead.Layer(6, true)),
                Activation.MISH,
                0.25,
                false));
  }

  @Test
  void makesEncodersOfTextsAndPictures() {
    for (ClassifierShape shape : List.of(ClassifierShape.BAG, ClassifierShape.NANO)) {
      EncodedInput input = (EncodedInput) shape.config(TEXTS, 300, STANDARD, null).input();
      assertThat(((TokenEncoder) input.encoder().encoder()).vocabulary()).isEqualTo(300);
      assertThat(input.frozen()).isFalse();
    }
    assertThat(ClassifierShape.NANO.config(PICTURES, 0, STANDARD, null).input())
        .isEqualTo(FreshEncoders.NANO.pictures(32, 32));
  }

  @Test
  void putsHeadsOnPublishedEncoders() {
    assertThat(ClassifierShape.PROBE.config(PICTURES, 0, STANDARD, ENCODER).input())
        .isEqualTo(new EncodedInput(ENCODER, /* frozen= */ true));
    assertThat(ClassifierShape.FINETUNE.config(PICTURES, 0, STANDARD, ENCODER).input())
        .isEqualTo(new EncodedInput(ENCODER, /* frozen= */ false));
  }

  @ParameterizedTest
  @EnumSource(ClassifierShape.class)
  void refusesOrNeedsAPublishedEncoder(ClassifierShape shape) {
    assertThatThrownBy(() ->
            shape.config(
                shape == ClassifierShape.BAG ? TEXTS : PICTURES,
                10,
                STANDARD,
                shape.needsEncoder() ? null : ENCODER))
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.parameter()).isEqualTo("encoder"));
  }

  @ParameterizedTest
  @CsvSource({
    "BAG, rows, 'linear, mlp or perceptron'",
    "NANO, rows, 'linear, mlp or perceptron'",
    "LINEAR, texts, 'bag, nano'",
    "PERCEPTRON, texts, 'bag, nano'",
    "MLP, pictures, 'nano, micro'",
    "BAG, pictures, 'nano, micro'",
  })
  void refusesPresetsOfOtherData(ClassifierShape shape, String kind, String others) {
    Content content =
        switch (kind) {
          case "rows" -> ROWS;
          case "texts" -> TEXTS;
          default -> PICTURES;
        };
    assertThatThrownBy(() -> shape.config(content, 10, STANDARD, null))
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.parameter()).isEqualTo("preset"))
        .hasMessageContaining(others);
  }

  @ParameterizedTest
  @CsvSource({"hidden, 8, hidden", "dropout, 0.5, dropout", "activation, gelu, activation"})
  void refusesWhatALinearHeadDoesNotHave(String name, String value, String parameter) {
    ClassificationOptions options = ClassificationOptionsTest.with(name, value);
    assertThatThrownBy(() -> ClassifierShape.LINEAR.config(ROWS, 0, options, null))
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.parameter()).isEqualTo(parameter));
  }

  @Test
  void makesAPerceptronThatLearnsByItsRuleAlone() {
    assertThat(ClassifierShape.PERCEPTRON.config(ROWS, 0, STANDARD, null).head())
        .isEqualTo(new ClassifierHead.Perceptron(true));
    ClassificationOptions off = ClassificationOptionsTest.with("bias", "off");
    assertThat(ClassifierShape.PERCEPTRON.config(ROWS, 0, off, null).head())
        .isEqualTo(new ClassifierHead.Perceptron(false));
    for (String[] option :
        new String[][] {
          {"loss", "soft_f1"},
          {"class_weights", "1,2"},
          {"hidden", "8"},
          {"activation", "gelu"},
          {"dropout", "0.1"},
          {"weight_decay", "0.1"},
          {"ema_decay", "0.9"}
        }) {
      ClassificationOptions options = ClassificationOptionsTest.with(option[0], option[1]);
      assertThatThrownBy(() -> ClassifierShape.PERCEPTRON.config(ROWS, 0, options, null))
          .isInstanceOfSatisfying(
              MillraceException.class, e -> assertThat(e.parameter()).isEqualTo(option[0]));
    }
  }

  @Test
  void refusesAnActivationWithoutAGradientAndSizesThatDoNotFit() {
    ClassificationOptions step = ClassificationOptionsTest.with("activation", "step");
    assertThatThrownBy(() -> ClassifierShape.MLP.config(ROWS, 0, step, null))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("no gradient");
    ClassificationOptions wide = ClassificationOptionsTest.with("hidden", "100000");
    assertThatThrownBy(() -> ClassifierShape.MLP.config(ROWS, 0, wide, null))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("100000");
    Content odd = new Content.Pictures(30, 30, CLASSES);
    assertThatThrownBy(() -> ClassifierShape.NANO.config(odd, 0, STANDARD, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("30");
  }
}

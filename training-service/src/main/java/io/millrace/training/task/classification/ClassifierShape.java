package io.millrace.training.task.classification;

import io.millrace.encoder.classify.ClassifierConfig;
import io.millrace.encoder.classify.ClassifierHead;
import io.millrace.encoder.classify.ClassifierInput;
import io.millrace.encoder.classify.EncodedInput;
import io.millrace.encoder.classify.FreshEncoders;
import io.millrace.encoder.classify.RowInput;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.training.task.Preset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The built-in presets: from what each of them makes a classifier, and how. */
enum ClassifierShape {
  /** One layer on rows. */
  LINEAR(256, 1e-2),
  /** Hidden layers on rows. */
  MLP(256, 3e-3),
  /** One layer on rows, by the rule of 1957. */
  PERCEPTRON(256, 1),
  /** A head on a published encoder that stays as it is. */
  PROBE(64, 1e-2),
  /** The same, which learns too. */
  FINETUNE(32, 1e-3),
  /** A text as the mean of its tokens' vectors. */
  BAG(32, 1e-2),
  /** A small encoder of texts or pictures that learns from nothing. */
  NANO(32, 3e-3),
  /** A larger one. */
  MICRO(32, 1e-3);

  private static final List<Integer> HIDDEN = List.of(64, 64);

  private final int batchSize;
  private final double learningRate;

  ClassifierShape(int batchSize, double learningRate) {
    this.batchSize = batchSize;
    this.learningRate = learningRate;
  }

  /** The preset of this name. */
  Preset preset() {
    return new Preset(key(), null, batchSize, learningRate);
  }

  private String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** That of a preset's name. */
  static ClassifierShape of(Preset preset) {
    return valueOf(preset.name().toUpperCase(Locale.ROOT));
  }

  /** Whether it is made on a published encoder. */
  boolean needsEncoder() {
    return this == PROBE || this == FINETUNE;
  }

  /**
   * The classifier of a dataset.
   *
   * @param vocabulary token ids of its tokenizer; of no meaning but for texts
   * @param encoder the published one; null: none was asked for
   * @throws MillraceException INVALID_ARGUMENT or FAILED_PRECONDITION saying what does not go
   *     together
   * @throws IllegalArgumentException if sizes do not fit
   */
  ClassifierConfig config(
      Content content,
      int vocabulary,
      ClassificationOptions options,
      @Nullable EncoderConfig encoder) {
    if (needsEncoder() != (encoder != null)) {
      throw MillraceException.invalid(
          "encoder",
          needsEncoder()
              ? "preset %s needs a published encoder: name one, like cells-cpc@3, as encoder"
                  .formatted(key())
              : "preset %s has no published encoder: leave encoder out, or use preset probe or finetune"
                  .formatted(key()));
    }
    ClassifierInput input =
        encoder != null
            ? EncodedInput.of(encoder, /* frozen= */ this == PROBE)
            : input(content, vocabulary);
    return ClassifierConfig.of(content.classes(), input, head(options));
  }

  private ClassifierInput input(Content content, int vocabulary) {
    return switch (content) {
      case Content.Rows rows -> {
        if (this != LINEAR && this != MLP && this != PERCEPTRON) {
          throw wrong("rows", "linear, mlp or perceptron");
        }
        yield new RowInput(rows.columns());
      }
      case Content.Text _ ->
          fresh("texts", "bag, nano, micro, probe or finetune").texts(vocabulary);
      case Content.Pictures pictures -> {
        FreshEncoders fresh = fresh("images", "nano, micro, probe or finetune");
        if (!fresh.takesPictures()) {
          throw wrong("images", "nano, micro, probe or finetune");
        }
        yield fresh.pictures(pictures.width(), pictures.height());
      }
    };
  }

  private FreshEncoders fresh(String documents, String others) {
    return switch (this) {
      case BAG -> FreshEncoders.BAG;
      case NANO -> FreshEncoders.NANO;
      case MICRO -> FreshEncoders.MICRO;
      case LINEAR, MLP, PERCEPTRON, PROBE, FINETUNE -> throw wrong(documents, others);
    };
  }

  private MillraceException wrong(String documents, String others) {
    return MillraceException.invalid(
        "preset", "preset %s is not for %s: use %s".formatted(key(), documents, others));
  }

  private ClassifierHead head(ClassificationOptions options) {
    List<Integer> widths = options.hiddenWidths();
    if (this == PERCEPTRON) {
      options.requireRuleAlone();
      return new ClassifierHead.Perceptron(options.biases(1).getFirst());
    }
    if (this == LINEAR && !widths.isEmpty()) {
      throw MillraceException.invalid(
          "hidden", "preset linear has no hidden layers: leave hidden out, or use preset mlp");
    }
    return head(this == MLP && widths.isEmpty() ? HIDDEN : widths, options);
  }

  private static ClassifierHead head(List<Integer> widths, ClassificationOptions options) {
    List<Boolean> biases = options.biases(widths.size() + 1);
    if (widths.isEmpty()) {
      options.requireNoHiddenLayers();
      return new ClassifierHead.Linear(biases.getLast());
    }
    List<ClassifierHead.Layer> layers = new ArrayList<>();
    for (int width : widths) {
      layers.add(layer(width, biases.get(layers.size())));
    }
    try {
      return new ClassifierHead.Mlp(
          layers, options.function(), options.dropout(), biases.getLast());
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("activation", String.valueOf(e.getMessage()));
    }
  }

  private static ClassifierHead.Layer layer(int width, boolean bias) {
    try {
      return new ClassifierHead.Layer(width, bias);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("hidden", String.valueOf(e.getMessage()));
    }
  }
}

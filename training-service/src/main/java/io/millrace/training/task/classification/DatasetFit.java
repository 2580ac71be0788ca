package io.millrace.training.task.classification;

import io.millrace.encoder.classify.ClassifierInput;
import io.millrace.encoder.classify.EncodedInput;
import io.millrace.encoder.classify.RowInput;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.LanguageEncoder;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.training.task.BaseModel;
import io.millrace.training.task.DatasetTokenizer;
import io.millrace.training.task.FileRefusal;
import java.io.IOException;
import java.util.List;

/** Whether a classifier can learn from a dataset, and what to say if it cannot. */
final class DatasetFit {

  private final DatasetEntry dataset;

  DatasetFit(DatasetEntry dataset) {
    this.dataset = dataset;
  }

  /**
   * Checks that there is something to tell apart.
   *
   * @throws MillraceException FAILED_PRECONDITION if there are fewer than two classes
   */
  void requireClasses() {
    int classes = dataset.content().classes().size();
    if (classes < 2) {
      throw MillraceException.precondition(
          "dataset '%s' has %s; task classification needs at least two: name them when it is created"
              .formatted(dataset.name(), classes == 0 ? "no classes" : "one class"));
    }
  }

  /**
   * The encoder of a published model.
   *
   * @throws MillraceException FAILED_PRECONDITION if it does not take what the dataset holds
   */
  EncoderConfig requireEncoder(BaseModel model, ClassificationOptions options) {
    EncoderConfig config = PublishedEncoders.config(model, options);
    requireTakes("model '" + model.label() + "'", EncodedInput.of(config, true));
    requireSameTokenizer(model);
    if (config.encoder() instanceof LanguageEncoder language
        && dataset.content() instanceof Content.Text(int length, var _, var _)
        && length > language.longest()) {
      throw MillraceException.precondition(
          "dataset '%s' has documents of up to %d tokens, model '%s' reads %d"
              .formatted(dataset.name(), length, model.label(), language.longest()));
    }
    return config;
  }

  /**
   * Checks that a model of texts has the dataset's tokenizer.
   *
   * @throws MillraceException FAILED_PRECONDITION if not
   */
  void requireSameTokenizer(BaseModel model) {
    if (dataset.content() instanceof Content.Text text) {
      try {
        DatasetTokenizer.requireSame(model, dataset, text);
      } catch (IOException | IllegalArgumentException e) {
        throw unreadable(model, e);
      }
    }
  }

  /** What to say of a model whose files cannot be read. */
  static RuntimeException unreadable(BaseModel model, Exception cause) {
    return FileRefusal.of(
        "model '%s' cannot be learned from: %s".formatted(model.label(), cause.getMessage()),
        cause);
  }

  /**
   * Checks that an input takes what the dataset holds.
   *
   * @param model as messages call it
   * @throws MillraceException FAILED_PRECONDITION if not
   */
  void requireTakes(String model, ClassifierInput input) {
    switch (dataset.content()) {
      case Content.Text _ -> requireKind(model, takesTexts(input), "texts");
      case Content.Pictures _ -> requireKind(model, takesPictures(input), "images");
      case Content.Rows rows -> {
        requireKind(model, input instanceof RowInput, "rows");
        if (input instanceof RowInput(List<String> columns) && !columns.equals(rows.columns())) {
          throw MillraceException.precondition(
              "%s takes the columns %s, dataset '%s' has %s: they must be the same, in the same order"
                  .formatted(model, columns, dataset.name(), rows.columns()));
        }
      }
    }
  }

  private static boolean takesTexts(ClassifierInput input) {
    return input instanceof EncodedInput encoded && !takesPictures(encoded);
  }

  private static boolean takesPictures(ClassifierInput input) {
    return input instanceof EncodedInput encoded
        && encoded.encoder().encoder() instanceof PictureEncoder;
  }

  private void requireKind(String model, boolean right, String kind) {
    if (!right) {
      throw MillraceException.precondition(
          "dataset '%s' holds %s, which %s does not take".formatted(dataset.name(), kind, model));
    }
  }
}

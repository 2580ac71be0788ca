package io.millrace.data.prepare;

import io.millrace.data.DataProperties;
import io.millrace.data.tokenizer.TokenizerStore;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Chooses the transform of a dataset by its content. */
@Component
public class TransformFactory {
  private final TokenizerStore tokenizers;
  private final DataProperties settings;

  /** A factory that loads tokenizers from the object store. */
  public TransformFactory(TokenizerStore tokenizers, DataProperties settings) {
    this.tokenizers = tokenizers;
    this.settings = settings;
  }

  /** Whether documents can be prepared: text needs its tokenizer first. */
  public boolean isReady(DatasetEntry dataset) {
    return switch (dataset.content()) {
      case Content.Text text -> text.tokenizer() != null;
      case Content.Pictures pictures -> true;
      case Content.Rows rows -> true;
    };
  }

  /**
   * The transform of a dataset that is ready.
   *
   * @throws IOException if its tokenizer cannot be read
   */
  public WindowTransform<?> transform(DatasetEntry dataset) throws IOException {
    return switch (dataset.content()) {
      case Content.Text text -> {
        TokenizerEntry tokenizer = text.tokenizer();
        if (tokenizer == null) {
          throw new IllegalStateException("dataset " + dataset.name() + " has no tokenizer yet");
        }
        yield new TextTransform(
            dataset.name(), tokenizers.load(tokenizer), text.packLength(), text.classes());
      }
      case Content.Pictures pictures ->
          new ImageTransform(dataset.name(), longestSide(pictures), pictures.classes());
      case Content.Rows rows -> new RowTransform(dataset.name(), rows);
    };
  }

  /** Never smaller than what the dataset's detectors take, or they would enlarge it again. */
  private int longestSide(Content.Pictures pictures) {
    return Math.max(settings.pictureSide(), Math.max(pictures.width(), pictures.height()));
  }
}

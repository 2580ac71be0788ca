package io.millrace.inference.classify;

import io.millrace.contracts.Tasks;
import io.millrace.encoder.classify.Classifier;
import io.millrace.encoder.classify.EncodedInput;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.classify.RowInput;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TextEncoder;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.vision.picture.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A classifier.
 *
 * @param classifier for several inputs at a time
 * @param takes what it is given
 */
record ClassificationRuntime(Classifier classifier, Taken takes) implements ModelRuntime {

  /** Models that choose a class. */
  static final Kind<ClassificationRuntime> KIND =
      new Kind<>(Tasks.CLASSIFICATION, ClassificationRuntime.class);

  /** What a classifier takes. */
  sealed interface Taken {

    /** Rows with these columns. */
    record Rows(List<String> columns) implements Taken {}

    /**
     * Texts, by their dataset's tokenizer.
     *
     * @param longest most tokens of one
     */
    record Texts(Tokenizer tokenizer, int longest) implements Taken {}

    /** Pictures of any size, which are brought to this one. */
    record Pictures(int width, int height) implements Taken {}
  }

  /**
   * Of a model folder.
   *
   * @throws IOException if it has no tokenizer and needs one, or one that does not fit
   */
  static ClassificationRuntime of(Classifier classifier, Path folder) throws IOException {
    return new ClassificationRuntime(
        classifier,
        switch (classifier.config().input()) {
          case RowInput rows -> new Taken.Rows(rows.columns());
          case EncodedInput encoded ->
              switch (encoded.encoder().encoder()) {
                case PictureEncoder pictures ->
                    new Taken.Pictures(pictures.inputWidth(), pictures.inputHeight());
                case TextEncoder texts ->
                    new Taken.Texts(tokenizer(folder, texts), texts.longest());
              };
        });
  }

  private static Tokenizer tokenizer(Path folder, TextEncoder encoder) throws IOException {
    Tokenizer tokenizer = Tokenizer.read(folder.resolve(Tokenizer.FILE));
    if (tokenizer.vocabSize() > encoder.vocabulary()) {
      throw new IOException(
          "%s: tokenizer.json has %d tokens, config.json says vocabulary %d"
              .formatted(folder, tokenizer.vocabSize(), encoder.vocabulary()));
    }
    return tokenizer;
  }

  @Override
  public void warmUp() {
    Inputs made =
        switch (takes) {
          case Taken.Rows(List<String> columns) ->
              Inputs.Rows.of(new float[columns.size()], columns.size());
          case Taken.Texts(Tokenizer tokenizer, int _) ->
              new Inputs.Documents(TokenBatch.of(new int[] {tokenizer.endOfDocument()}));
          case Taken.Pictures(int width, int height) ->
              new Inputs.Documents(
                  PictureBatch.of(List.of(Picture.filled(width, height, 0, 0, 0))));
        };
    if (!Arrays.stream(classifier.classify(made)[0]).allMatch(Double::isFinite)) {
      throw new IllegalStateException("the probabilities of a made-up input are not finite");
    }
  }

  @Override
  public void close() {
    classifier.close();
  }
}

package io.millrace.training.task;

import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.checkpoint.TokenizerFile;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The tokenizer of a dataset of texts, which is stored beside every model that learns from it. */
public final class DatasetTokenizer {

  private DatasetTokenizer() {}

  /**
   * Where it is.
   *
   * @throws MillraceException FAILED_PRECONDITION if the dataset has none
   */
  public static TokenizerEntry require(DatasetEntry dataset, Content.Text text) {
    TokenizerEntry tokenizer = text.tokenizer();
    if (tokenizer == null) {
      throw MillraceException.precondition(
          "dataset '%s' has no tokenizer; set one first".formatted(dataset.name()));
    }
    return tokenizer;
  }

  /**
   * Reads its {@code tokenizer.json}.
   *
   * @throws IOException if it cannot be read, or is not the one that the dataset was given
   */
  public static byte[] read(TaskContext<?> context, Content.Text text) throws IOException {
    return TokenizerFile.read(
        context.objects(), require(context.dataset(), text), Tokenizer.MAX_BYTES);
  }

  /**
   * Writes it beside a model, as it is.
   *
   * @param json empty: there is none
   */
  public static void write(byte[] json, Path directory) throws IOException {
    if (json.length > 0) {
      Files.write(directory.resolve(Tokenizer.FILE), json);
    }
  }

  /**
   * Checks that a model has the same.
   *
   * @throws MillraceException FAILED_PRECONDITION if not
   * @throws IOException if one of both cannot be read
   */
  public static void requireSame(BaseModel model, DatasetEntry dataset, Content.Text text)
      throws IOException {
    TokenizerEntry tokenizer = require(dataset, text);
    byte[] json = model.file(Tokenizer.FILE, Tokenizer.MAX_BYTES);
    if (!Sha256.of(json).equals(tokenizer.sha256())
        && !Arrays.equals(
            Tokenizer.read(json).toJson(),
            Tokenizer.read(model.objects().read(tokenizer.location(), Tokenizer.MAX_BYTES))
                .toJson())) {
      throw MillraceException.precondition(
          "model '%s' has another tokenizer than dataset '%s': it can only learn from datasets with its own"
              .formatted(model.label(), dataset.name()));
    }
  }
}

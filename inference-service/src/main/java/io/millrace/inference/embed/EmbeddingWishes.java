package io.millrace.inference.embed;

import io.millrace.inference.embed.Embeddings.PictureInput;
import io.millrace.inference.runtime.VectorPooling;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants vectors of.
 *
 * @param model name
 * @param texts empty if there are images
 * @param images empty if there are texts
 * @param dimensions first values of a vector; null: all
 * @param pooling of the tokens of texts
 */
public record EmbeddingWishes(
    String model,
    List<TextInput> texts,
    List<PictureInput> images,
    @Nullable Integer dimensions,
    VectorPooling pooling) {

  /**
   * As callers spell it.
   *
   * @throws MillraceException INVALID_ARGUMENT if the model is missing, there are not either texts
   *     or images, or pooling is none
   */
  public static EmbeddingWishes of(
      @Nullable String model,
      List<TextInput> texts,
      List<PictureInput> images,
      @Nullable Integer dimensions,
      @Nullable String pooling) {
    if (model == null || model.isEmpty()) {
      throw MillraceException.invalid("model", "model is missing");
    }
    if (texts.isEmpty() == images.isEmpty()) {
      throw MillraceException.invalid("texts", "a request has either texts or images");
    }
    VectorPooling pooled = pooling(pooling);
    if (texts.isEmpty() && pooled != VectorPooling.OWN) {
      throw MillraceException.invalid("pooling", "pooling is for texts");
    }
    return new EmbeddingWishes(model, texts, images, dimensions, pooled);
  }

  private static VectorPooling pooling(@Nullable String spelled) {
    return switch (spelled) {
      case null -> VectorPooling.OWN;
      case "" -> VectorPooling.OWN;
      case "mean" -> VectorPooling.MEAN;
      case "last" -> VectorPooling.LAST;
      default ->
          throw MillraceException.invalid(
              "pooling", "pooling must be mean or last, not '%s'".formatted(spelled));
    };
  }
}

package io.millrace.inference.embed;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.compute.ComputePool;
import io.millrace.inference.runtime.PictureEmbedder;
import io.millrace.inference.runtime.TextEmbedder;
import io.millrace.inference.runtime.VectorPooling;
import io.millrace.inference.swap.Held;
import io.millrace.inference.swap.Models;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Turns texts and pictures into vectors with whatever version of a model serves. */
@Component
public class Embeddings {

  private static final int MOST_TEXTS = 2048;
  private static final int MOST_PICTURES = 64;

  /** Of one step, so that others get their turn; a longer text is a step of its own. */
  private static final int TOKENS_A_STEP = 8192;

  private static final int PICTURES_A_STEP = 16;

  private final Models models;
  private final ComputePool pool;
  private final MeterRegistry meters;
  private final PictureReader reader = new PictureReader(PictureLimits.defaults());

  Embeddings(Models models, ComputePool pool, MeterRegistry meters) {
    this.models = models;
    this.pool = pool;
    this.meters = meters;
  }

  /**
   * An encoded picture of a request.
   *
   * @param field where it is, for errors
   * @param encoded PNG or JPEG
   */
  @SuppressWarnings("ArrayRecordComponent") // is never compared
  public record PictureInput(String field, byte[] encoded) {}

  /**
   * Vectors of texts or pictures.
   *
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT, CONTEXT_LENGTH_EXCEEDED or OVERLOADED
   */
  public Vectors of(EmbeddingWishes wishes) {
    return wishes.texts().isEmpty()
        ? pictures(wishes.model(), wishes.images(), wishes.dimensions())
        : texts(wishes.model(), wishes.texts(), wishes.pooling(), wishes.dimensions());
  }

  /**
   * Vectors of texts.
   *
   * @param dimensions first values of a vector that are wanted; null: all
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT, CONTEXT_LENGTH_EXCEEDED or OVERLOADED
   */
  public Vectors texts(
      String model, List<TextInput> texts, VectorPooling pooling, @Nullable Integer dimensions) {
    requireSome("input", texts.size(), MOST_TEXTS);
    return vectors(model, texts, pooling, dimensions);
  }

  /**
   * Vectors of any number of texts, as the model makes them by itself.
   *
   * @throws MillraceException as {@link #texts}
   */
  public Vectors ofTexts(String model, List<TextInput> texts) {
    return vectors(model, texts, VectorPooling.OWN, /* dimensions= */ null);
  }

  private Vectors vectors(
      String model, List<TextInput> texts, VectorPooling pooling, @Nullable Integer dimensions) {
    try (Held<TextEmbedder> held = models.acquire(model, TextEmbedder.KIND)) {
      long begin = System.nanoTime();
      TextEmbedder embedder = held.runtime();
      int width = Vectors.width(dimensions, embedder.width());
      List<int[]> tokens = pool.call(() -> tokens(embedder, texts));
      List<Callable<List<float[]>>> steps =
          groups(tokens).stream()
              .<Callable<List<float[]>>>map(group -> () -> embedder.vectors(group, pooling))
              .toList();
      List<float[]> vectors = units(steps, width);
      record(held.version().model(), begin);
      long count = tokens.stream().mapToLong(ids -> ids.length).sum();
      return new Vectors(held.version().version(), count, vectors);
    }
  }

  /**
   * Vectors of pictures.
   *
   * @param dimensions first values of a vector that are wanted; null: all
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT or OVERLOADED
   */
  public Vectors pictures(String model, List<PictureInput> pictures, @Nullable Integer dimensions) {
    requireSome("images", pictures.size(), MOST_PICTURES);
    return vectors(model, pictures, this::read, dimensions);
  }

  /**
   * Vectors of any number of pictures.
   *
   * @throws MillraceException as {@link #pictures}
   */
  public Vectors ofPictures(String model, List<Picture> pictures) {
    return vectors(model, pictures, picture -> picture, /* dimensions= */ null);
  }

  private <T> Vectors vectors(
      String model, List<T> pictures, Function<T, Picture> reader, @Nullable Integer dimensions) {
    try (Held<PictureEmbedder> held = models.acquire(model, PictureEmbedder.KIND)) {
      long begin = System.nanoTime();
      PictureEmbedder embedder = held.runtime();
      int width = Vectors.width(dimensions, embedder.width());
      List<Callable<List<float[]>>> steps = new ArrayList<>();
      for (int first = 0; first < pictures.size(); first += PICTURES_A_STEP) {
        List<T> group = pictures.subList(first, Math.min(pictures.size(), first + PICTURES_A_STEP));
        steps.add(() -> embedder.vectors(group.stream().map(reader).toList()));
      }
      List<float[]> vectors = units(steps, width);
      record(held.version().model(), begin);
      return new Vectors(held.version().version(), 0, vectors);
    }
  }

  /**
   * Checks that a model turns texts into vectors.
   *
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT or UNAVAILABLE
   */
  public void requireTexts(String model) {
    models.acquire(model, TextEmbedder.KIND).close();
  }

  /**
   * Checks that a model turns pictures into vectors.
   *
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT or UNAVAILABLE
   */
  public void requirePictures(String model) {
    models.acquire(model, PictureEmbedder.KIND).close();
  }

  /**
   * The version of a model that serves now, or did when the model was unloaded.
   *
   * @throws MillraceException NOT_FOUND or UNAVAILABLE
   */
  public int version(String model) {
    return models.version(model);
  }

  private List<float[]> units(List<Callable<List<float[]>>> steps, int width) {
    return pool.callAll(steps).stream()
        .flatMap(List::stream)
        .map(vector -> Vectors.unit(vector, width))
        .toList();
  }

  private void record(String model, long begin) {
    InferenceMetric.EMBEDDING
        .timer(meters, model)
        .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
  }

  private Picture read(PictureInput picture) {
    try {
      return reader.read(picture.encoded(), picture.field());
    } catch (InvalidPictureException e) {
      throw MillraceException.invalid(picture.field(), String.valueOf(e.getMessage()));
    }
  }

  private static void requireSome(String field, int size, int most) {
    if (size < 1 || size > most) {
      throw MillraceException.invalid(
          field, "a request must have 1 to %d of %s, it has %d".formatted(most, field, size));
    }
  }

  private static List<int[]> tokens(TextEmbedder embedder, List<TextInput> texts) {
    List<int[]> tokens = new ArrayList<>(texts.size());
    for (TextInput text : texts) {
      int[] ids =
          switch (text) {
            case TextInput.Written(String field, String written) ->
                encode(embedder, field, written);
            case TextInput.Tokens(String field, int[] given) ->
                known(embedder.tokenizer(), field, given);
          };
      if (ids.length == 0) {
        throw MillraceException.invalid(text.field(), text.field() + " is empty");
      }
      if (ids.length > embedder.longestText()) {
        throw tooLong(embedder, text.field(), ids.length + " tokens");
      }
      tokens.add(ids);
    }
    return tokens;
  }

  private static int[] encode(TextEmbedder embedder, String field, String text) {
    Tokenizer tokenizer = embedder.tokenizer();
    if (text.length() > (long) embedder.longestText() * tokenizer.longestToken()) {
      throw tooLong(embedder, field, text.length() + " characters");
    }
    return tokenizer.encode(text);
  }

  private static int[] known(Tokenizer tokenizer, String field, int[] ids) {
    for (int i = 0; i < ids.length; i++) {
      if (!tokenizer.isToken(ids[i])) {
        throw MillraceException.invalid(
            field,
            "%s[%d] is %d, not a token id from 0 to %d"
                .formatted(field, i, ids[i], tokenizer.vocabSize() - 1));
      }
    }
    return ids;
  }

  private static MillraceException tooLong(TextEmbedder embedder, String field, String length) {
    return new MillraceException(
        ErrorCode.CONTEXT_LENGTH_EXCEEDED,
        "%s has %s, the model takes %d tokens; cut it into pieces"
            .formatted(field, length, embedder.longestText()),
        field,
        null);
  }

  /** Neighbours that are computed together. */
  private static List<List<int[]>> groups(List<int[]> texts) {
    List<List<int[]>> groups = new ArrayList<>();
    int tokens = TOKENS_A_STEP;
    for (int[] text : texts) {
      if (tokens + text.length > TOKENS_A_STEP) {
        groups.add(new ArrayList<>());
        tokens = 0;
      }
      groups.getLast().add(text);
      tokens += text.length;
    }
    return groups;
  }
}

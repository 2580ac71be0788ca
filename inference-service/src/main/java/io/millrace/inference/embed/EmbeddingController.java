package io.millrace.inference.embed;

import io.millrace.inference.embed.Embeddings.PictureInput;
import io.millrace.inference.picture.DataUrls;
import io.millrace.platform.error.MillraceException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Vectors of texts or pictures over REST; {@code /v1/embeddings} has OpenAI's shape for texts. */
@RestController
class EmbeddingController {

  private final Embeddings embeddings;

  EmbeddingController(Embeddings embeddings) {
    this.embeddings = embeddings;
  }

  /**
   * What is wanted, texts or images.
   *
   * @param images data URLs, or base64 alone
   * @param dimensions first values of a vector; all if it is left out
   * @param pooling of a language model: {@code mean} or {@code last}
   */
  record EmbedWanted(
      @Schema(example = "writer") @Nullable String model,
      @Nullable List<@Nullable String> texts,
      @Nullable List<@Nullable String> images,
      @Nullable Integer dimensions,
      @Schema(allowableValues = {"mean", "last"}) @Nullable String pooling) {}

  /**
   * Vectors of length one, in the order of the request.
   *
   * @param tokens of all texts; 0 for images
   */
  record EmbedAnswer(
      String model, int modelVersion, int dimensions, long tokens, List<float[]> embeddings) {}

  @Operation(
      operationId = "embed",
      summary = "Turn texts or pictures into vectors",
      description =
          "With a model of task representation, or for texts with a language model too. Pictures"
              + " are PNG or JPEG as data URLs or base64. Vectors have length one.")
  @PostMapping("/api/embeddings")
  EmbedAnswer embed(@RequestBody EmbedWanted wanted) {
    Vectors vectors =
        embeddings.of(
            EmbeddingWishes.of(
                wanted.model(),
                written(given(wanted.texts())),
                pictures(given(wanted.images())),
                wanted.dimensions(),
                wanted.pooling()));
    return new EmbedAnswer(
        String.valueOf(wanted.model()),
        vectors.modelVersion(),
        vectors.values().getFirst().length,
        vectors.tokens(),
        vectors.values());
  }

  private static List<TextInput> written(List<@Nullable String> texts) {
    List<TextInput> inputs = new ArrayList<>(texts.size());
    for (String text : texts) {
      String field = "texts[%d]".formatted(inputs.size());
      if (text == null) {
        throw MillraceException.invalid(field, field + " is missing");
      }
      inputs.add(new TextInput.Written(field, text));
    }
    return inputs;
  }

  private static List<PictureInput> pictures(List<@Nullable String> images) {
    List<PictureInput> inputs = new ArrayList<>(images.size());
    for (String image : images) {
      String field = "images[%d]".formatted(inputs.size());
      inputs.add(new PictureInput(field, DataUrls.decode(field, field, image)));
    }
    return inputs;
  }

  /** Generated clients send a list that was not set as an empty one. */
  private static List<@Nullable String> given(@Nullable List<@Nullable String> list) {
    return list == null ? List.of() : list;
  }
}

package io.millrace.inference.openai;

import io.millrace.inference.embed.Embeddings;
import io.millrace.inference.embed.Vectors;
import io.millrace.inference.runtime.VectorPooling;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** OpenAI's embeddings. */
@RestController
class OpenAiEmbeddingController {

  private final Embeddings embeddings;

  OpenAiEmbeddingController(Embeddings embeddings) {
    this.embeddings = embeddings;
  }

  /**
   * A vector.
   *
   * @param embedding numbers, or base64
   */
  record Embedding(
      String object,
      int index,
      @ArraySchema(
              schema = @Schema(implementation = Float.class),
              arraySchema =
                  @Schema(description = "numbers, or a string: base64 of float32, little endian"))
          Object embedding) {}

  /** What was read. */
  record EmbeddingUsage(long promptTokens, long totalTokens) {}

  /** Vectors in the order of the request. */
  record EmbeddingList(String object, List<Embedding> data, String model, EmbeddingUsage usage) {}

  @Operation(
      operationId = "createEmbeddings",
      summary = "Turn texts into vectors, in OpenAI's form",
      description =
          "The input is a text, a list of token ids, or a list of either. Vectors have length one.")
  @PostMapping("/v1/embeddings")
  EmbeddingList embed(@RequestBody EmbeddingRequest request) {
    String model = RequestFields.model(request.model());
    boolean packed = request.isPacked();
    Vectors vectors =
        embeddings.texts(model, request.texts(), VectorPooling.OWN, request.dimensions());
    List<Embedding> data = new ArrayList<>(vectors.values().size());
    for (float[] vector : vectors.values()) {
      data.add(
          new Embedding(
              "embedding",
              data.size(),
              packed ? Base64.getEncoder().encodeToString(Vectors.bytes(vector)) : vector));
    }
    return new EmbeddingList(
        "list", data, model, new EmbeddingUsage(vectors.tokens(), vectors.tokens()));
  }
}

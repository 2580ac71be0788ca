package io.millrace.inference.rpc;

import com.google.common.primitives.Floats;
import io.millrace.contracts.inference.v1.EmbedRequest;
import io.millrace.contracts.inference.v1.EmbedResponse;
import io.millrace.contracts.inference.v1.Embedding;
import io.millrace.inference.embed.EmbeddingWishes;
import io.millrace.inference.embed.Embeddings.PictureInput;
import io.millrace.inference.embed.TextInput;
import io.millrace.inference.embed.Vectors;
import java.util.List;
import java.util.stream.IntStream;

/** Vectors as messages. */
final class EmbedMessages {

  private EmbedMessages() {}

  static EmbeddingWishes wishes(EmbedRequest request) {
    List<TextInput> texts =
        IntStream.range(0, request.getTextsCount())
            .<TextInput>mapToObj(
                i -> new TextInput.Written("texts[%d]".formatted(i), request.getTexts(i)))
            .toList();
    List<PictureInput> images =
        IntStream.range(0, request.getImagesCount())
            .mapToObj(i ->
                new PictureInput("images[%d]".formatted(i), request.getImages(i).toByteArray()))
            .toList();
    return EmbeddingWishes.of(
        request.getModel(),
        texts,
        images,
        request.getDimensions() == 0 ? null : request.getDimensions(),
        request.getPooling());
  }

  static EmbedResponse response(Vectors vectors) {
    EmbedResponse.Builder response =
        EmbedResponse.newBuilder()
            .setModelVersion(vectors.modelVersion())
            .setTokens(vectors.tokens());
    for (float[] vector : vectors.values()) {
      response.addEmbeddings(Embedding.newBuilder().addAllValues(Floats.asList(vector)));
    }
    return response.build();
  }
}

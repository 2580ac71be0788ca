package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.inference.v1.EmbedRequest;
import io.millrace.contracts.inference.v1.EmbedResponse;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.io.IOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Encoders that learn without labels from the datasets of {@link Classifiers} on their way through
 * a platform: texts with blocks of a decoder as context, and pictures.
 *
 * @param steps of each run
 * @param checkpointEvery steps between checkpoints
 */
record Encoders(PlatformApi api, int steps, int checkpointEvery) {

  /** Names of the models. */
  static final List<String> NAMES = List.of("weather-vectors", "shades-vectors");

  private static final String TEXT = "wet clouds over the hills";

  void start() throws IOException, InterruptedException {
    start("weather-vectors", "weather", "cpc-text-decoder-nano");
    start("shades-vectors", "shades", "cpc-pictures-nano");
  }

  private void start(String model, String dataset, String preset)
      throws IOException, InterruptedException {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("model", model);
    run.put("task", "representation");
    run.put("dataset", dataset);
    run.put("preset", preset);
    run.put("steps", steps);
    run.put("batch_size", 4);
    run.put("checkpoint_every", checkpointEvery);
    run.put("steps_ahead", 2);
    JsonNode unused = api.post("/api/runs", run);
  }

  /** The newest version of each serves the same vectors by REST and gRPC. */
  void embed(int version, int grpcPort) throws Exception {
    byte[] png = PictureWriter.png(Picture.filled(40, 30, 200, 10, 10));
    String image = "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    JsonNode texts = embeddings("weather-vectors", version, "texts", TEXT);
    JsonNode pictures = embeddings("shades-vectors", version, "images", image);
    JsonNode openAi =
        api.post("/v1/embeddings", Map.of("model", "weather-vectors", "input", List.of(TEXT)));
    assertThat(numbers(openAi.at("/data/0/embedding")))
        .containsExactly(numbers(texts.at("/embeddings/0")), within(1e-6));
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", grpcPort).usePlaintext().build();
    try {
      requireSame(
          texts,
          stub(channel)
              .embed(EmbedRequest.newBuilder().setModel("weather-vectors").addTexts(TEXT).build()));
      requireSame(
          pictures,
          stub(channel)
              .embed(
                  EmbedRequest.newBuilder()
                      .setModel("shades-vectors")
                      .addImages(ByteString.copyFrom(png))
                      .build()));
    } finally {
      channel.shutdownNow();
    }
    for (JsonNode run : api.get("/api/runs?model=weather-vectors").path("runs")) {
      assertThat(run.at("/progress/metrics/heldout_loss").isNumber()).as("" + run).isTrue();
    }
  }

  private JsonNode embeddings(String model, int version, String field, String input)
      throws IOException, InterruptedException {
    api.awaitServing(model, version);
    JsonNode answer = api.post("/api/embeddings", Map.of("model", model, field, List.of(input)));
    assertThat(answer.path("model_version").asInt()).isEqualTo(version);
    double squares = 0;
    for (double value : numbers(answer.at("/embeddings/0"))) {
      squares += value * value;
    }
    assertThat(squares).as("" + answer).isCloseTo(1, within(1e-4));
    return answer;
  }

  private static double[] numbers(JsonNode values) {
    return values.valueStream().mapToDouble(JsonNode::asDouble).toArray();
  }

  private static void requireSame(JsonNode rest, EmbedResponse grpc) {
    assertThat(grpc.getModelVersion()).isEqualTo(rest.path("model_version").asInt());
    assertThat(
            grpc.getEmbeddings(0).getValuesList().stream()
                .mapToDouble(Float::doubleValue)
                .toArray())
        .containsExactly(numbers(rest.at("/embeddings/0")), within(1e-6));
  }

  private InferenceServiceBlockingStub stub(ManagedChannel channel) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + api.key());
    return InferenceServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }
}

package io.millrace.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.inference.v1.ClassifyInput;
import io.millrace.contracts.inference.v1.ClassifyRequest;
import io.millrace.contracts.inference.v1.ClassifyResponse;
import io.millrace.contracts.inference.v1.ClassifyRow;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Classifiers of rows, texts and pictures on their way through a platform. Rows come as CSV, as
 * lines of JSON and from a producer of Kafka's.
 *
 * @param steps of each run
 * @param checkpointEvery steps between checkpoints
 */
record Classifiers(PlatformApi api, int steps, int checkpointEvery) {

  /** Names of the models, and of their datasets. */
  static final List<String> NAMES = List.of("sizes", "weather", "shades");

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int EACH = 20;

  void upload(int kafkaPort, Path kafkaSettings) throws Exception {
    api.post(
        "/api/datasets",
        Map.of(
            "name",
            "sizes",
            "kind",
            "rows",
            "columns",
            List.of("length", "weight"),
            "classes",
            List.of("small", "large"),
            "heldout_percent",
            20));
    String table =
        IntStream.range(0, EACH)
            .mapToObj(i -> "%d,%d,%s\n".formatted(length(i), i, size(i)))
            .collect(Collectors.joining("", "length,weight,label\n", ""));
    send("sizes", "text/csv", table);
    send("sizes", "application/x-ndjson", lines(i -> row(EACH + i)));
    produce(kafkaPort, kafkaSettings);
    while (api.get("/api/datasets/sizes").at("/counts/documents").asLong() < 3 * EACH) {
      Thread.sleep(50);
    }
    api.post(
        "/api/datasets",
        Map.of(
            "name",
            "weather",
            "kind",
            "text",
            "pack_length",
            64,
            "classes",
            List.of("rain", "sun"),
            "heldout_percent",
            20));
    send(
        "weather",
        "application/x-ndjson",
        lines(i ->
            i % 2 == 0
                ? Map.of("text", "wet clouds, day " + i, "label", "rain")
                : Map.of("text", "bright light, day " + i, "label", "sun")));
    api.post("/api/datasets/weather/tokenizer", Map.of("train", Map.of("vocab_size", 300)));
    while (!api.get("/api/datasets/weather")
        .path("tokenizer")
        .path("state")
        .asString("")
        .equals("ready")) {
      Thread.sleep(50);
    }
    api.post(
        "/api/datasets",
        Map.of(
            "name",
            "shades",
            "kind",
            "images",
            "image_width",
            32,
            "image_height",
            32,
            "classes",
            List.of("red", "blue"),
            "heldout_percent",
            20));
    send(
        "shades",
        "application/x-ndjson",
        lines(i -> Map.of("image", picture(i), "label", i % 2 == 0 ? "red" : "blue")));
    for (String name : NAMES) {
      api.post("/api/datasets/" + name + "/snapshots", Map.of());
    }
  }

  private void send(String dataset, String type, String body) throws Exception {
    api.send("/api/datasets/" + dataset + "/documents", type, body.getBytes(UTF_8));
  }

  private static String lines(IntFunction<Map<String, ?>> document) {
    return IntStream.range(0, EACH)
        .mapToObj(i -> JSON.writeValueAsString(document.apply(i)) + "\n")
        .collect(Collectors.joining());
  }

  private static Map<String, ?> row(int number) {
    return Map.of("length", length(number), "weight", number, "label", size(number));
  }

  private static int length(int number) {
    return number % 2 == 0 ? 1 : 9;
  }

  private static String size(int number) {
    return number % 2 == 0 ? "small" : "large";
  }

  private static String picture(int number) {
    Picture picture =
        number % 2 == 0
            ? Picture.filled(32, 32, 200 + number, 10, 10)
            : Picture.filled(32, 32, 10, 10, 200 + number);
    return Base64.getEncoder().encodeToString(PictureWriter.png(picture));
  }

  private static void produce(int port, Path file) throws Exception {
    Properties settings = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      settings.load(reader);
    }
    settings.setProperty(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + port);
    settings.setProperty(ProducerConfig.ACKS_CONFIG, "all");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < EACH; i++) {
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>("documents.sizes", JSON.writeValueAsBytes(row(2 * EACH + i)));
        record.headers().add("content-type", "application/json".getBytes(UTF_8));
        producer.send(record).get();
      }
    }
  }

  void start() throws IOException, InterruptedException {
    start("sizes", "linear");
    start("weather", "bag");
    start("shades", "nano");
  }

  private void start(String name, String preset) throws IOException, InterruptedException {
    api.post(
        "/api/runs",
        Map.of(
            "model", name,
            "task", "classification",
            "dataset", name,
            "preset", preset,
            "steps", steps,
            "batch_size", 4,
            "checkpoint_every", checkpointEvery,
            "loss", "cross_entropy then soft_f1"));
  }

  /** The newest version of each serves, and its evaluation is kept. */
  void classify(int version, int grpcPort) throws Exception {
    classify("sizes", version, Map.of("length", 1, "weight", 3));
    classify("weather", version, "wet clouds");
    classify("shades", version, picture(2));
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", grpcPort).usePlaintext().build();
    try {
      ClassifyResponse answer = classify(channel);
      assertThat(answer.getModelVersion()).isEqualTo(version);
      assertThat(answer.getResults(0).getClassesList()).hasSize(2);
    } finally {
      channel.shutdownNow();
    }
    for (JsonNode run : api.get("/api/runs?model=sizes").path("runs")) {
      JsonNode evaluation = api.get("/api/runs/%s/evaluation".formatted(run.path("id").asString()));
      assertThat(evaluation.at("/evaluation/classes").size()).as("" + evaluation).isEqualTo(2);
      assertThat(run.at("/progress/metrics/macro_f1").isNumber()).as("" + run).isTrue();
    }
  }

  private void classify(String model, int version, Object input) throws Exception {
    api.awaitServing(model, version);
    JsonNode answer = api.post("/api/classify", Map.of("model", model, "inputs", List.of(input)));
    assertThat(answer.path("model_version").asInt()).isEqualTo(version);
    JsonNode classes = answer.path("results").path(0).path("classes");
    assertThat(classes.size()).as("" + answer).isEqualTo(2);
    double sum = classes.valueStream().mapToDouble(c -> c.path("probability").asDouble()).sum();
    assertThat(sum).isBetween(0.999, 1.001);
  }

  private ClassifyResponse classify(ManagedChannel channel) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + api.key());
    return InferenceServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .classify(
            ClassifyRequest.newBuilder()
                .setModel("sizes")
                .addInputs(
                    ClassifyInput.newBuilder()
                        .setRow(
                            ClassifyRow.newBuilder()
                                .putNumbers("length", 9)
                                .putNumbers("weight", 2)))
                .build());
  }
}

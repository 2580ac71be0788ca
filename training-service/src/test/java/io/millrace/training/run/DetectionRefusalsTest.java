package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.ndarray.NDManager;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.millrace.contracts.training.v1.CreateRunRequest;
import io.millrace.contracts.training.v1.DetectionOptions;
import io.millrace.contracts.training.v1.TrainingServiceGrpc;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.store.ImportedWeights;
import io.millrace.platform.store.ObjectStore;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.training.TrainingServiceApplication;
import io.millrace.training.fixture.TrainingFixture;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a detection run cannot be is said when it is asked for, by the dataset's classes and sizes
 * and the header of imported weights, rather than when it begins.
 */
class DetectionRefusalsTest {

  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir static Path directory;

  private static TrainingFixture service;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws Exception {
    Path broken = Files.createDirectories(directory.resolve("broken"));
    Files.writeString(broken.resolve("config.json"), "{\"architecture\": \"detector\"}");
    service =
        TrainingFixture.start(
            TrainingServiceApplication.class,
            Map.of(
                "millrace.training.presets.broken.task",
                "detection",
                "millrace.training.presets.broken.config",
                broken.toString()));
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", service.grpcPort()).usePlaintext().build();
    dataset("one", 128, 128, "cell");
    dataset("two", 128, 128, "cell", "platelet");
    dataset("odd", 100, 128, "cell");
    dataset("wide", 8192, 128, "cell");
    service
        .bean(Registry.class)
        .createDataset(new DatasetEntry("text", new Content.Text(32, null), 1, Instant.EPOCH));
    Path file = directory.resolve("head.safetensors");
    try (NDManager manager = TensorEngine.start("cpu").newManager()) {
      SafetensorsWriter.write(file, Map.of("fc.bias", manager.create(1f)), Map.of());
    }
    keep("head", Files.readAllBytes(file));
    keep("no-weights", "nothing of that kind".getBytes(StandardCharsets.UTF_8));
  }

  private static void dataset(String name, int width, int height, String... classes) {
    service
        .bean(Registry.class)
        .createDataset(
            new DatasetEntry(
                name, new Content.Pictures(width, height, List.of(classes)), 1, Instant.EPOCH));
  }

  private static void keep(String name, byte[] file) throws IOException {
    service
        .bean(ObjectStore.class)
        .put(ImportedWeights.key(name), file, ObjectStore.IfPresent.FAIL);
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    service.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "mtcnn               | two  | -          | 409 | preset mtcnn does not fit dataset 'two', of pictures of 128 x 128 pixels and 2 classes: head mtcnn finds one class, there are 2: keep one of them, or take another head",
        "nano                | odd  | -          | 409 | preset nano does not fit dataset 'odd'",
        "nano                | odd  | -          | 409 | 100 pixels is not a multiple of 16 up to 4096: take 96 or 112",
        "s3fd-vgg16          | odd  | -          | 409 | not a multiple of 128 up to 4096: take 128",
        "nano                | wide | -          | 409 | 8192 pixels is not a multiple of 16 up to 4096: take 4096",
        "nano                | text | -          | 409 | dataset 'text' holds text; task detection needs images",
        "broken              | one  | -          | 409 | preset broken of this installation cannot be read",
        "centernet-r18       | one  | none       | 409 | there are no weights 'none' for a backbone: ./millrace import FILE.safetensors none keeps some",
        "centernet-r18       | one  | head       | 409 | weights 'head' do not fit the backbone of preset centernet-r18: it is not of this backbone, with these layers (norm, bias): it lacks conv1.weight",
        "s3fd-vgg16          | one  | head       | 409 | it lacks features.0.weight",
        "centernet-r18       | one  | no-weights | 409 | is not a valid safetensors file",
        "nano                | one  | head       | 400 | backbone_weights does not go with preset nano",
        "centernet-r18       | one  | ../head    | 400 | not '../head'",
        "centernet-r18       | one  | -          | 409 | dataset 'one' has no snapshot; seal one first",
        "mtcnn               | one  | -          | 409 | dataset 'one' has no snapshot; seal one first",
      })
  void saysBeforeARunBeginsWhatItCannotBe(
      String preset, String dataset, String weights, int status, String message) throws Exception {
    Map<String, Object> body =
        new LinkedHashMap<>(
            Map.of(
                "model",
                "m",
                "task",
                "detection",
                "dataset",
                dataset,
                "preset",
                preset,
                "steps",
                1));
    CreateRunRequest.Builder request =
        CreateRunRequest.newBuilder()
            .setModel("m")
            .setTask("detection")
            .setDataset(dataset)
            .setPreset(preset)
            .setSteps(1);
    if (weights != null) {
      body.put("backbone_weights", weights);
      request.setDetection(DetectionOptions.newBuilder().setBackboneWeights(weights));
    }

    HttpResponse<String> answer = service.send("POST", "/api/runs", JSON.writeValueAsString(body));
    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> stub().createRun(request.build()));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.path("detail").asString()).contains(message);
    assertThat(problem.path("parameter").asString(""))
        .isEqualTo(weights == null ? "" : "backbone_weights");
    assertThat(refused.getStatus().getCode())
        .isEqualTo(status == 400 ? Status.Code.INVALID_ARGUMENT : Status.Code.FAILED_PRECONDITION);
    assertThat(refused.getStatus().getDescription()).contains(message);
    assertThat(service.get("/api/runs?model=m").get("runs").size()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nano  | fp8  | precision of a detector must be one of f32, bf16; it is 'fp8'",
        "mtcnn | bf16 | preset mtcnn: this detector cannot be trained in bf16, because its head has networks of its own",
      })
  void saysInWhichPrecisionADetectorCannotBeTrained(String preset, String precision, String message)
      throws Exception {
    Map<String, Object> body =
        Map.of(
            "model",
            "m",
            "task",
            "detection",
            "dataset",
            "one",
            "preset",
            preset,
            "steps",
            1,
            "precision",
            precision);

    HttpResponse<String> answer = service.send("POST", "/api/runs", JSON.writeValueAsString(body));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.path("detail").asString()).contains(message);
    assertThat(problem.path("parameter").asString()).isEqualTo("precision");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nano      | focal then soft_f2 | loss: there is no loss \"soft_f2\"; did you mean soft_f1?",
        "nano      | focal then soft_f1 at 500 | loss 2 of \"focal then soft_f1 at 500\" would begin at step 500 of 9",
        "nano      | cross_entropy | loss does not go with preset nano: a heat map is learned by focal, soft_f1, dice or tversky; cross_entropy is a loss of rows",
        "fcos-nano | soft_f1 | loss does not go with preset fcos-nano: only heads with heat maps (centernet)",
      })
  void saysWhichLossesADetectorCannotBeLearnedBy(String preset, String loss, String message)
      throws Exception {
    HttpResponse<String> answer =
        service.send(
            "POST",
            "/api/runs",
            JSON.writeValueAsString(
                Map.of(
                    "model",
                    "m",
                    "task",
                    "detection",
                    "dataset",
                    "two",
                    "preset",
                    preset,
                    "steps",
                    9,
                    "loss",
                    loss)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.path("detail").asString()).contains(message);
    assertThat(problem.path("parameter").asString()).isEqualTo("loss");
  }

  private static TrainingServiceGrpc.TrainingServiceBlockingStub stub() {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("x-millrace-token", Metadata.ASCII_STRING_MARSHALLER), service.token());
    return TrainingServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }
}

package io.millrace.inference.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.contracts.inference.v1.DetectRequest;
import io.millrace.contracts.inference.v1.DetectResponse;
import io.millrace.contracts.inference.v1.GenerateRequest;
import io.millrace.contracts.inference.v1.GenerateResponse;
import io.millrace.contracts.inference.v1.ListModelsRequest;
import io.millrace.contracts.inference.v1.Model;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.TinyModels;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same over gRPC. */
class GrpcApiTest {
  private static InferenceFixture service;
  private static ModelVersion story;
  private static ModelVersion broken;

  @BeforeAll
  static void start() throws Exception {
    service = InferenceFixture.start();
    story = service.publishLanguage("story", 1);
    service.awaitServing(story);
    service.awaitServing(service.publishDetector("shapes", 1));
    broken =
        service.publish(
            "broken",
            "language",
            folder -> {
              TinyModels.language(folder, 1);
              Files.delete(folder.resolve("config.json"));
            });
    service.awaitRefused(broken);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void listsModels() {
    List<Model> models =
        service.grpc().listModels(ListModelsRequest.getDefaultInstance()).getModelsList();

    assertThat(models).extracting(Model::getName).containsExactly("broken", "shapes", "story");
    assertThat(models.getFirst().getVersion()).isZero();
    assertThat(models.getFirst().getRejectedVersion()).isEqualTo(broken.version());
    assertThat(models.getFirst().getRejectedReason()).contains("config.json");
    assertThat(models.getLast().getVersion()).isEqualTo(1);
    assertThat(models.getLast().getDigest()).isEqualTo(story.manifestSha256());
    assertThat(models.getLast().getTask()).isEqualTo("language");
    assertThat(models.getLast().getStep()).isEqualTo(10);
  }

  @Test
  void generatesWhatRestAnswers() throws Exception {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setModel("story")
            .setPrompt("the river")
            .setMaxTokens(30)
            .setSeed(6)
            .build();
    String expected =
        service
            .post(
                "/v1/completions",
                Map.of("model", "story", "prompt", "the river", "max_tokens", 30, "seed", 6))
            .path("choices")
            .path(0)
            .path("text")
            .asString();

    List<GenerateResponse> pieces = new ArrayList<>();
    service.grpc().generate(request).forEachRemaining(pieces::add);

    assertThat(String.join("", pieces.stream().map(GenerateResponse::getText).toList()))
        .isEqualTo(expected);
    assertThat(pieces).hasSizeGreaterThan(2);
    assertThat(pieces.getLast().getFinishReason()).isEqualTo("length");
    assertThat(pieces.getLast().getCompletionTokens()).isEqualTo(30);
    assertThat(pieces)
        .allSatisfy(piece -> {
          assertThat(piece.getModelVersion()).isEqualTo(1);
          assertThat(piece.getPromptTokens())
              .isEqualTo(TinyModels.TOKENIZER.encode("the river").length);
        });
  }

  @Test
  void detects() {
    byte[] rgb = new byte[3 * 80 * 40];
    new Random(1).nextBytes(rgb);

    DetectResponse found =
        service
            .grpc()
            .detect(
                DetectRequest.newBuilder()
                    .setModel("shapes")
                    .setMinScore(0)
                    .setMaxDetections(3)
                    .setImage(ByteString.copyFrom(PictureWriter.png(new Picture(80, 40, rgb))))
                    .build());

    assertThat(found.getDetectionsCount()).isEqualTo(3);
    assertThat(found.getImageWidth()).isEqualTo(80);
    assertThat(found.getImageHeight()).isEqualTo(40);
    assertThat(found.getExifOrientation()).isEqualTo(1);
    assertThat(found.getModelVersion()).isEqualTo(1);
    assertThat(found.getDetections(0).getBox().getLabel()).isIn("square", "wide");
  }

  @Test
  void detectsInSeveralPicturesWithOptions() {
    ByteString wide = noise(80, 40);
    ByteString small = noise(30, 30);
    DetectRequest.Builder options =
        DetectRequest.newBuilder()
            .setModel("shapes")
            .setMinScore(0)
            .setNms("iou")
            .setNmsThreshold(0.1)
            .setNmsAgnostic(true)
            .setSliceSize(30)
            .setSliceOverlap(0.1);

    DetectResponse both =
        service.grpc().detect(options.clone().addImages(wide).addImages(small).build());
    DetectResponse alone = service.grpc().detect(options.clone().setImage(wide).build());
    DetectResponse plain =
        service
            .grpc()
            .detect(
                DetectRequest.newBuilder()
                    .setModel("shapes")
                    .setMinScore(0)
                    .setImage(wide)
                    .build());

    assertThat(both.getDetectionsCount()).isZero();
    assertThat(both.getModelVersion()).isEqualTo(1);
    assertThat(both.getImagesCount()).isEqualTo(2);
    assertThat(both.getImages(0).getDetectionsList()).isEqualTo(alone.getDetectionsList());
    assertThat(both.getImages(1).getImageWidth()).isEqualTo(30);
    assertThat(alone.getDetectionsList()).isNotEqualTo(plain.getDetectionsList());
  }

  @Test
  void drawsBoxes() {
    DetectRequest request =
        DetectRequest.newBuilder()
            .setModel("shapes")
            .setMinScore(0)
            .setImage(noise(80, 40))
            .setScales("1,2:0-30")
            .setDraw("png")
            .build();

    DetectResponse found = service.grpc().detect(request);

    assertThat(found.getDrawn().substring(1, 4).toStringUtf8()).isEqualTo("PNG");
    DetectRequest listed = request.toBuilder().clearImage().addImages(request.getImage()).build();
    DetectResponse first = service.grpc().detect(listed);
    assertThat(first.getDrawn()).isEqualTo(found.getDrawn());
    assertThat(first.getImages(0).getDetectionsList()).isEqualTo(found.getDetectionsList());
    requireFailure(
        () -> service.grpc().detect(listed.toBuilder().addImages(noise(9, 9)).build()),
        Status.Code.INVALID_ARGUMENT,
        "boxes can be drawn on one picture of a request");
    requireFailure(
        () -> service.grpc().detect(request.toBuilder().setDraw("gif").build()),
        Status.Code.INVALID_ARGUMENT,
        "draw must be png or jpeg");
    requireFailure(
        () -> service.grpc().detect(request.toBuilder().addImages(noise(9, 9)).build()),
        Status.Code.INVALID_ARGUMENT,
        "image or images, not both");
    requireFailure(
        () -> service.grpc().detect(request.toBuilder().setSliceSize(-1).clearScales().build()),
        Status.Code.INVALID_ARGUMENT,
        "slice_size must be at least 1");
  }

  private static ByteString noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(1).nextBytes(rgb);
    return ByteString.copyFrom(PictureWriter.png(new Picture(width, height, rgb)));
  }

  @Test
  void saysWhatIsWrong() {
    requireGenerateFails("nobody", "a", 1, Status.Code.NOT_FOUND, "does not exist");
    requireGenerateFails("broken", "a", 1, Status.Code.UNAVAILABLE, "was refused");
    requireGenerateFails("shapes", "a", 1, Status.Code.INVALID_ARGUMENT, "is of task detection");
    requireGenerateFails("story", "", 1, Status.Code.INVALID_ARGUMENT, "is empty");
    requireGenerateFails("story", "a", 99999, Status.Code.INVALID_ARGUMENT, "context of 16384");
    requireGenerateFails("story", "a", -1, Status.Code.INVALID_ARGUMENT, "max_tokens");
    requireDetectFails("shapes", "no picture", Status.Code.INVALID_ARGUMENT, "neither a PNG");
    requireDetectFails("nobody", "", Status.Code.NOT_FOUND, "does not exist");
  }

  @Test
  void endsWhatACallerCancels() throws Exception {
    double before = cancelled();
    io.grpc.Context.CancellableContext call = io.grpc.Context.current().withCancellation();
    call.run(() -> {
      var pieces =
          service
              .grpc()
              .generate(
                  GenerateRequest.newBuilder()
                      .setModel("story")
                      .setPrompt("a")
                      .setTemperature(0)
                      .setMaxTokens(16_000)
                      .build());
      assertThat(pieces.next().getModelVersion()).isEqualTo(1);
    });
    call.cancel(null);

    InferenceFixture.await(GrpcApiTest::cancelled, now -> now == before + 1);
    InferenceFixture.await(
        () -> service.gauge("millrace.inference.running"), running -> running == 0);
  }

  private static double cancelled() {
    return service
        .bean(io.micrometer.core.instrument.MeterRegistry.class)
        .counter("millrace.inference.cancelled", "model", "story")
        .count();
  }

  private static void requireGenerateFails(
      String model, String prompt, int maxTokens, Status.Code code, String message) {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setModel(model)
            .setPrompt(prompt)
            .setMaxTokens(maxTokens)
            .build();
    requireFailure(() -> service.grpc().generate(request).next(), code, message);
  }

  private static void requireDetectFails(
      String model, String image, Status.Code code, String message) {
    DetectRequest request =
        DetectRequest.newBuilder()
            .setModel(model)
            .setImage(ByteString.copyFrom(image, StandardCharsets.UTF_8))
            .build();
    requireFailure(() -> service.grpc().detect(request), code, message);
  }

  private static void requireFailure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call,
      Status.Code code,
      String message) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(failure.getStatus().getCode()).isEqualTo(code);
    assertThat(failure.getStatus().getDescription()).contains(message);
  }
}

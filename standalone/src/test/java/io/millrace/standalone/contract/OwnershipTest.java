package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.inference.v1.PromotionPolicy;
import io.millrace.contracts.inference.v1.RetentionPolicy;
import io.millrace.contracts.training.v1.CreateRunRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model that is rolled back, pinned, promoted, kept to what is worth it and deleted, by REST and
 * by gRPC, with a restart of the platform in the middle.
 */
@Timeout(900)
class OwnershipTest {
  private static final String MODEL = "owned";

  @TempDir Path directory;

  /** One run's checkpoints serve only when a person says so, another's when they are better. */
  @Test
  void whatARunBroughtAlongHoldsOverARestart() {
    Path home = directory.resolve("home");
    String texts;
    String careful;
    String choosy;
    try (ContractPlatform platform = ContractPlatform.start(home)) {
      texts = platform.models().texts();
      careful =
          learn(
              platform,
              texts,
              Map.of(
                  "steps",
                  3,
                  "checkpoint_every",
                  1,
                  "policy",
                  Map.of("kind", "manual"),
                  "retention",
                  Map.of("last", 1)));
      Inference grpc = new GrpcInference(platform.rpc());
      Await.until(() -> versions(platform), List.of(3)::equals);
      assertThat(grpc.versions(MODEL).states()).containsExactly("published");
      assertThat(platform.rest().get("/api/models/" + MODEL).expect(200).path("state").asString())
          .as("there, though it never served")
          .isEqualTo("vacant");
      CreateRunRequest request =
          CreateRunRequest.newBuilder()
              .setModel(MODEL)
              .setTask("language")
              .setDataset(texts)
              .setPreset(ContractPlatform.LANGUAGE_PRESET)
              .setSteps(4)
              .setBatchSize(2)
              .setCheckpointEvery(1)
              .setReplace(true)
              .setPolicy(
                  PromotionPolicy.newBuilder()
                      .setKind("if_better")
                      .setFigure("heldout_loss")
                      .setDirection("lower"))
              .setRetention(RetentionPolicy.newBuilder().setLast(2))
              .build();
      choosy = new GrpcRuns(platform.rpc()).create(request).id();
      assertThat(new GrpcRuns(platform.rpc()).watch(choosy).getLast().state())
          .isEqualTo("succeeded");
      awaitServing(grpc, 7);
      Await.until(() -> versions(platform), List.of(7, 6, 3)::equals);
    }
    try (ContractPlatform platform = ContractPlatform.start(home)) {
      Inference rest = new RestInference(platform.rest());
      Inference grpc = new GrpcInference(platform.rpc());
      awaitServing(rest, 7);
      assertThat(rest.versions(MODEL).policy()).as("the model's own").isEqualTo("automatic");
      Map<String, String> both = Map.of(careful, "manual keeps 1", choosy, "if_better keeps 2");
      assertThat(rest.versions(MODEL).runs()).isEqualTo(both);
      assertThat(grpc.versions(MODEL).runs()).isEqualTo(both);
      assertThat(
              platform
                  .rest()
                  .get("/api/runs/" + choosy)
                  .expect(200)
                  .at("/request/policy/figure")
                  .asString())
          .isEqualTo("heldout_loss");

      assertThat(grpc.promote(MODEL, 3, /* pin= */ false)).isEqualTo("manual");
      awaitServing(grpc, 3);
      learn(platform, texts, Map.of("steps", 1, "replace", true));
      awaitServing(rest, 8);
      assertThat(versions(platform)).as("and nothing else went").containsExactly(8, 7, 6, 3);
      new RestRuns(platform.rest()).delete(choosy);
      assertThat(rest.versions(MODEL).runs()).containsOnlyKeys(careful);
    }
  }

  @Test
  void whatWasDecidedHoldsOverARestart() {
    Path home = directory.resolve("home");
    String texts;
    try (ContractPlatform platform = ContractPlatform.start(home)) {
      texts = platform.models().texts();
      learn(platform, texts, Map.of("steps", 6, "checkpoint_every", 1));
      Inference rest = new RestInference(platform.rest());
      Inference grpc = new GrpcInference(platform.rpc());
      awaitServing(rest, 6);
      Await.until(() -> versions(platform), List.of(6, 5, 4, 3, 2)::equals);

      assertThat(rest.rollBack(MODEL)).isEqualTo("rollback");
      grpc.setPolicy(MODEL, "heldout_loss");
      grpc.setRetention(MODEL, 1);

      awaitServing(grpc, 5);
      // Version 6 is the last, and what another rollback would go back to.
      Await.until(() -> versions(platform), List.of(6, 5)::equals);
      Await.until(() -> stored(platform), count -> count == 2);
      Refusal.require("failed_precondition", () -> grpc.deleteVersion(MODEL, 5));
    }
    try (ContractPlatform platform = ContractPlatform.start(home)) {
      Inference rest = new RestInference(platform.rest());
      Inference grpc = new GrpcInference(platform.rpc());
      awaitServing(rest, 5);
      Inference.Owned owned = grpc.versions(MODEL);
      assertThat(owned.policy()).isEqualTo("if_better");
      assertThat(owned.pinned()).isTrue();

      assertThat(grpc.promote(MODEL, 6, /* pin= */ false)).isEqualTo("manual");
      rest.unpin(MODEL);
      awaitServing(rest, 6);
      deleteWhenFree(rest, 5);
      assertThat(versions(platform)).containsExactly(6);
      Refusal.require("not_found", () -> grpc.promote(MODEL, 5, /* pin= */ true));

      Refusal.require("already_exists", () -> learn(platform, texts, Map.of("steps", 1)));
      learn(platform, texts, Map.of("steps", 1, "replace", true, "learning_rate", 1e-9));
      assertThat(rest.versions(MODEL).states())
          .as("what has learned nothing is not better")
          .containsExactly("published", "serving");
      assertThat(rest.complete(MODEL + "@stable", "The mill", 1).tokens()).isBetween(0, 1);
      Refusal.require("failed_precondition", () -> grpc.complete(MODEL + "@latest", "The mill", 1));

      grpc.deleteModel(MODEL);

      Await.until(
          () -> rest.models().stream().noneMatch(one -> one.name().equals(MODEL)), gone -> gone);
      Refusal.require("model_not_found", () -> rest.complete(MODEL, "The mill", 1));
      Await.until(() -> stored(platform), count -> count == 0);
    }
  }

  private static String learn(ContractPlatform platform, String texts, Map<String, Object> fields) {
    Map<String, Object> body = new HashMap<>(fields);
    body.put("model", MODEL);
    body.put("task", "language");
    body.put("dataset", texts);
    body.put("preset", ContractPlatform.LANGUAGE_PRESET);
    body.put("batch_size", 2);
    String id = platform.rest().post("/api/runs", body).expect(201).path("id").asString();
    assertThat(new GrpcRuns(platform.rpc()).watch(id).getLast().state()).isEqualTo("succeeded");
    return id;
  }

  private static void awaitServing(Inference inference, int version) {
    Await.until(
        () -> inference.models(),
        models ->
            models.stream().anyMatch(one -> one.name().equals(MODEL) && one.version() == version));
  }

  /** A replica may still say that it serves what it has just let go. */
  private static void deleteWhenFree(Inference inference, int version) {
    Await.until(
        () -> {
          try {
            inference.deleteVersion(MODEL, version);
            return true;
          } catch (Refusal refused) {
            return false;
          }
        },
        deleted -> deleted);
  }

  private static List<Integer> versions(ContractPlatform platform) {
    return platform
        .rest()
        .get("/api/models/" + MODEL + "/versions")
        .expect(200)
        .path("versions")
        .valueStream()
        .map(version -> version.path("version").asInt())
        .toList();
  }

  /** Checkpoints on the disk; less than none if some were being deleted meanwhile. */
  private static long stored(ContractPlatform platform) {
    Path models = platform.objects().resolve("models").resolve(MODEL);
    if (!Files.isDirectory(models)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(models)) {
      return files.filter(file -> file.endsWith("manifest.json")).count();
    } catch (NoSuchFileException deleted) {
      return -1;
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return -1;
      }
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

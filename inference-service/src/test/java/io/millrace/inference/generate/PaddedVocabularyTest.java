package io.millrace.inference.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.inference.v1.GenerateRequest;
import io.millrace.contracts.inference.v1.GenerateResponse;
import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.SharedFiles;
import io.millrace.inference.fixture.TinyModels;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.interchange.HuggingFaceFolder;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.language.tokenize.SpecialTokens;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Models that have more ids than their tokenizer has tokens. */
class PaddedVocabularyTest {

  /** Weights that were never trained: half of what they would say has no token. */
  private static final int VOCABULARY = 2 * TinyModels.TOKENIZER.vocabSize();

  private static final int SEEDS = 8;
  private static InferenceFixture service;

  @BeforeAll
  static void start() throws Exception {
    service = InferenceFixture.start();
    service.awaitServing(service.publish("padded", "language", PaddedVocabularyTest::write));
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void completesWithTokensAlone() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      Map<String, Object> wanted =
          Map.of(
              "model", "padded", "prompt", "a", "max_tokens", 30, "temperature", 2, "seed", seed);

      JsonNode answer = service.post("/v1/completions", wanted);

      assertThat(answer.path("choices").path(0).path("text").asString()).isNotEmpty();
    }
  }

  @Test
  void chatsAndStreamsWithTokensAlone() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      Map<String, Object> wanted =
          Map.of(
              "model",
              "padded",
              "messages",
              List.of(Map.of("role", "user", "content", "a")),
              "max_tokens",
              30,
              "temperature",
              2,
              "seed",
              seed,
              "stream",
              true);

      List<JsonNode> chunks = service.stream("/v1/chat/completions", wanted);

      assertThat(chunks.getLast().path("choices").path(0).path("finish_reason").asString())
          .isIn("length", "stop");
    }
  }

  @Test
  void generatesWithTokensAloneOverGrpc() {
    for (int seed = 0; seed < SEEDS; seed++) {
      List<GenerateResponse> pieces = new ArrayList<>();
      service
          .grpc()
          .generate(
              GenerateRequest.newBuilder()
                  .setModel("padded")
                  .setPrompt("a")
                  .setMaxTokens(30)
                  .setTemperature(2)
                  .setSeed(seed)
                  .build())
          .forEachRemaining(pieces::add);

      assertThat(pieces.getLast().getFinishReason()).isIn("length", "stop");
    }
  }

  @Test
  void refusesPromptsOfIdsThatNoTokenHas() throws Exception {
    int hole = TinyModels.TOKENIZER.added(SpecialTokens.SYSTEM).orElseThrow();
    for (int id : new int[] {hole, TinyModels.TOKENIZER.vocabSize() + 1, VOCABULARY - 1}) {
      HttpResponse<String> answer =
          service.send(
              "POST", "/v1/completions", "{\"model\": \"padded\", \"prompt\": [%d]}".formatted(id));

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("prompt[0] is " + id + ", not a token id");
    }
  }

  /** The case: an imported folder of transformers. */
  @Test
  void completesWithAnImportedModel() throws Exception {
    Path folder = SharedFiles.require("cases/padded-vocab/model");
    TensorEngine engine = TensorEngine.start("cpu");
    service.awaitServing(
        service.publish(
            "imported",
            "language",
            files -> {
              try (Decoder decoder = HuggingFaceFolder.load(engine, folder)) {
                ModelFolder.save(engine, decoder, files);
              }
              Files.copy(folder.resolve(Tokenizer.FILE), files.resolve(Tokenizer.FILE));
            }));

    for (int seed = 0; seed < 120; seed++) {
      service.post(
          "/v1/completions",
          Map.of(
              "model",
              "imported",
              "prompt",
              "a",
              "max_tokens",
              30,
              "temperature",
              2,
              "seed",
              seed));
    }
  }

  /** A tokenizer with a hole in the middle, of half as many ids as the model has. */
  private static void write(Path folder) throws IOException {
    ObjectNode json = (ObjectNode) InferenceFixture.JSON.readTree(TinyModels.TOKENIZER.toJson());
    int behind = TinyModels.TOKENIZER.vocabSize();
    for (JsonNode token : json.path("added_tokens")) {
      if (token.path("content").asString().equals(SpecialTokens.SYSTEM)) {
        ((ObjectNode) token).put("id", behind);
      }
    }
    ObjectNode vocabulary = (ObjectNode) json.path("model").path("vocab");
    if (vocabulary.has(SpecialTokens.SYSTEM)) {
      vocabulary.put(SpecialTokens.SYSTEM, behind);
    }
    Files.write(folder.resolve(Tokenizer.FILE), InferenceFixture.JSON.writeValueAsBytes(json));
    TensorEngine engine = TensorEngine.start("cpu");
    LanguageConfig config =
        LanguageConfig.preset("nano", VOCABULARY, TinyModels.TOKENIZER.endOfDocument());
    try (Decoder decoder = Decoder.create(engine, config, /* seed= */ 4)) {
      ModelFolder.save(engine, decoder, folder);
    }
  }
}

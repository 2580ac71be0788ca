package io.millrace.standalone.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.millrace.embedded.Ports;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.model.Decoder;
import io.millrace.language.model.ModelFolder;
import io.millrace.language.tokenize.BpeTrainer;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.standalone.Terminal;
import io.millrace.standalone.home.HomeDirectory;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformSettings;
import io.millrace.standalone.up.StoppedPlatform;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.safetensors.SafetensorsFile;
import io.millrace.tensor.safetensors.SafetensorsWriter;
import io.millrace.tensor.safetensors.TensorInfo;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorConfigFile;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.detector.DetectorPresets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model's way out of a platform and into another, and what can be wrong on it. */
class InterchangeCommandsTest {

  private static final int VOCABULARY = 270;

  @TempDir Path directory;

  private Path folder = Path.of("");
  private Path home = Path.of("");

  /** A checkpoint's folder as the training service writes it. */
  @BeforeEach
  void writeCheckpoint() throws IOException {
    folder = directory.resolve("checkpoint");
    home = directory.resolve("home");
    Tokenizer tokenizer =
        new BpeTrainer(VOCABULARY, (done, total) -> {})
            .train(List.of("the mill runs and the mill stands"));
    LanguageConfig config =
        LanguageConfig.preset("nano", tokenizer.vocabSize(), tokenizer.endOfDocument());
    TensorEngine engine = TensorEngine.start("cpu");
    try (Decoder decoder = Decoder.create(engine, config, 7)) {
      ModelFolder.save(engine, decoder, folder);
    }
    Files.write(folder.resolve("tokenizer.json"), tokenizer.toJson());
  }

  @Test
  void generatesNoIdThatTheTokenizerLacksAndScoresAsBefore() throws Exception {
    Path padded = directory.resolve("padded");
    TensorEngine engine = TensorEngine.start("cpu");
    try (Decoder decoder =
        Decoder.create(engine, LanguageConfig.preset("nano", 4 * VOCABULARY, 0), 7)) {
      ModelFolder.save(engine, decoder, padded);
    }
    JsonNode free = score(padded, "--ids", "5,7,9", "--generate", "20");
    Files.copy(folder.resolve("tokenizer.json"), padded.resolve("tokenizer.json"));
    JsonNode ruled = score(padded, "--ids", "5,7,9", "--generate", "20");

    assertThat(IntStream.of(ids(free.path("generated")))).anyMatch(id -> id >= VOCABULARY);
    assertThat(IntStream.of(ids(ruled.path("generated"))))
        .hasSize(20)
        .allMatch(id -> id < VOCABULARY);
    assertThat(ruled.path("log_probs")).isEqualTo(free.path("log_probs"));
  }

  @Test
  void exportsADetectorThatOthersCanRead() throws Exception {
    TensorEngine engine = TensorEngine.start("cpu");
    Path detector = directory.resolve("detector");
    DetectorConfig config = DetectorPresets.of("nano", List.of("cell", "platelet"), 64, 64);
    try (DetectorNetwork network = DetectorNetwork.create(engine, config, 7)) {
      network.save(detector);
    }
    Path out = directory.resolve("detector-out");
    assertThat(run("export", detector.toString(), out.toString()).out()).contains("as f32");
    assertThat(out.resolve("classes.txt")).hasContent("cell\nplatelet\n");
    assertThat(out.resolve("model.safetensors"))
        .hasSameBinaryContentAs(detector.resolve("model.safetensors"));
    assertThat(DetectorConfigFile.read(out)).isEqualTo(config);
    refused("it is not empty", "export", detector.toString(), out.toString());
    refused("exported as f32", "export", detector.toString(), out + "2", "--dtype", "bf16");
    Files.delete(detector.resolve("model.safetensors"));
    refused("model.safetensors", "export", detector.toString(), out + "3");
  }

  @Test
  void keepsABackbonesWeightsUnderAName() throws Exception {
    TensorEngine engine = TensorEngine.start("cpu");
    Path file = directory.resolve("resnet.safetensors");
    try (NDManager manager = engine.newManager()) {
      SafetensorsWriter.write(file, Map.of("fc.bias", manager.create(1f)), Map.of());
    }
    Path broken = directory.resolve("broken.safetensors");
    Files.writeString(broken, "nothing");
    refused("broken.safetensors", "import", broken.toString(), "r18", "--home", home.toString());
    refused("is not a file", "import", directory + "/none.safetensors", "r18");
    refused("leave --tokenizer out", "import", file.toString(), "r18", "--tokenizer", "x");
    refused("leave --replace out", "import", file.toString(), "r18", "--replace");
    refused("is not a name", "import", file.toString(), "../r18");
    assertThat(run("import", file.toString(), "r18", "--home", home.toString()).out())
        .contains("kept the 1 tensors")
        .contains("\"backbone_weights\": \"r18\"");
    try (Stream<Path> all = Files.walk(home)) {
      assertThat(all.filter(one -> one.endsWith("weights/r18/weights.safetensors")))
          .singleElement()
          .satisfies(kept -> assertThat(kept).hasSameBinaryContentAs(file));
    }
    refused("already", "import", file.toString(), "r18", "--home", home.toString());
  }

  @Test
  void servesWhatWasImportedAndExportsItAgain() throws Exception {
    Terminal imported = run("import", folder.toString(), "guest", "--home", home.toString());
    assertThat(imported.out()).contains("as version 1 of guest").contains("parameters");
    Path released = directory.resolve("released");
    run("export", folder.toString(), released.toString());
    // As another model would have them.
    String template = "{\"bos_token\": \"<|endoftext|>\", \"chat_template\": \"{{ messages }}\"}";
    Files.writeString(released.resolve("tokenizer_config.json"), template);
    Files.writeString(released.resolve("generation_config.json"), "{\"temperature\": 0.6}");
    assertThat(imported.out()).doesNotContain("chat template");
    refused(
        "model 'guest' has version 1 already: choose another name, or add --replace",
        "import",
        released.toString(),
        "guest",
        "--home",
        home.toString());
    assertThat(
            run("import", released.toString(), "guest", "--replace", "--home", home.toString())
                .out())
        .contains("as version 2 of guest")
        .contains("its chat template is kept for exports");

    JsonNode score = score(folder, "--text", "the mill runs", "--generate", "6");
    // Version 2 begins texts with a token of its own, as its tokenizer.json says.
    completeAs(score(released, "--text", "the mill runs", "--generate", "6"));

    Path out = directory.resolve("out");
    Terminal exported =
        run(
            "export",
            "guest",
            out.toString(),
            "--version",
            "1",
            "--no-bos",
            "--home",
            home.toString());
    assertThat(exported.out()).contains("exported guest to " + out).contains("version 1 of guest");
    assertThat(score(out, "--text", "the mill runs", "--generate", "6")).isEqualTo(score);
    Path again = directory.resolve("again");
    run("export", "guest", again.toString(), "--home", home.toString());
    assertThat(again.resolve("generation_config.json")).hasContent("{\"temperature\": 0.6}");
    JsonNode settings =
        JsonMapper.shared().readTree(Files.readAllBytes(again.resolve("tokenizer_config.json")));
    assertThat(settings.path("chat_template").asString()).isEqualTo("{{ messages }}");
    assertThat(settings.path("add_bos_token").asBoolean()).isTrue();
    refused(
        "model guest has no version 9; its newest is 2",
        "export",
        "guest",
        out + "2",
        "--version",
        "9",
        "--home",
        home.toString());
    refused(
        "there is no model nobody; there are guest",
        "export",
        "nobody",
        out + "2",
        "--home",
        home.toString());
  }

  /** The platform on the home serves the newest version and continues a text as it was scored. */
  private void completeAs(JsonNode score) throws Exception {
    try (Platform platform =
            Platform.start(
                new PlatformSettings(home, Ports.free(), Ports.free(), "cpu"), line -> {});
        HttpClient http = HttpClient.newHttpClient()) {
      String body =
          "{\"model\":\"guest\",\"prompt\":\"the mill runs\",\"max_tokens\":6,\"temperature\":0}";
      HttpRequest request =
          HttpRequest.newBuilder(platform.address().resolve("/v1/completions"))
              .header("Authorization", "Bearer " + platform.apiKey())
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(body))
              .build();
      Instant deadline = Instant.now().plus(Duration.ofSeconds(120));
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      while (response.statusCode() != 200) {
        assertThat(Instant.now()).as(response.body()).isBefore(deadline);
        Thread.sleep(100);
        response = http.send(request, BodyHandlers.ofString());
      }
      JsonNode answer = JsonMapper.shared().readTree(response.body());
      Tokenizer tokenizer = Tokenizer.read(folder.resolve("tokenizer.json"));
      assertThat(answer.path("choices").path(0).path("text").asString())
          .isEqualTo(tokenizer.decode(ids(score.path("generated"))));
      assertThat(answer.path("usage").path("prompt_tokens").asInt())
          .isEqualTo(score.path("ids").size());
      refused(
          "is in use by another running process ",
          "export",
          "guest",
          directory + "/x",
          "--home",
          home.toString());
    }
  }

  @Test
  void exportsAFolderInShardsAndHalfPrecision() throws IOException {
    Path out = directory.resolve("out");
    run(
        "export",
        folder.toString(),
        out.toString(),
        "--dtype",
        "bf16",
        "--max-shard-bytes",
        "500000");
    assertThat(out.resolve("model.safetensors.index.json")).exists();
    assertThat(out.resolve("model.safetensors")).doesNotExist();
    assertThat(out.resolve("generation_config.json")).exists();
    JsonNode settings =
        JsonMapper.shared().readTree(Files.readAllBytes(out.resolve("tokenizer_config.json")));
    assertThat(settings.path("chat_template").asString()).contains("<|assistant|>");
    assertThat(settings.path("bos_token").asString()).isEqualTo("<|endoftext|>");
    JsonNode text = score(out, "--text", "mill");
    assertThat(text.path("ids").path(0).asInt()).isZero();
    JsonNode ids = score(folder, "--ids", joined(text.path("ids")));
    assertThat(text.path("sum").asDouble()).isCloseTo(ids.path("sum").asDouble(), within(0.05));
    refused("there is something in it", "export", folder.toString(), out.toString());
  }

  @Test
  void scoresTokensAndWritesLogits() throws IOException {
    Path file = directory.resolve("logits.safetensors");
    JsonNode score =
        score(folder, "--ids", "5,7,9", "--logits", file.toString(), "--generate", "2");
    assertThat(score.path("log_probs").size()).isEqualTo(2);
    assertThat(score.path("generated").size()).isEqualTo(2);
    TensorEngine engine = TensorEngine.start("cpu");
    try (NDManager manager = engine.newManager();
        SafetensorsFile logits = SafetensorsFile.open(file)) {
      TensorInfo info = logits.info("logits");
      assertThat(info.shape().getShape()).containsExactly(3, VOCABULARY);
      double[][] rows = new double[3][VOCABULARY];
      float[] flat = logits.load(manager, "logits").toFloatArray();
      for (int i = 0; i < flat.length; i++) {
        rows[i / VOCABULARY][i % VOCABULARY] = flat[i];
      }
      int[] next = {7, 9};
      for (int t = 0; t < next.length; t++) {
        double sum = 0;
        for (double logit : rows[t]) {
          sum += Math.exp(logit);
        }
        assertThat(score.path("log_probs").path(t).asDouble())
            .isCloseTo(rows[t][next[t]] - Math.log(sum), within(1e-6));
      }
      int likeliest = 0;
      for (int v = 0; v < VOCABULARY; v++) {
        likeliest = rows[2][v] > rows[2][likeliest] ? v : likeliest;
      }
      assertThat(score.path("generated").path(0).asInt()).isEqualTo(likeliest);
    }
  }

  @Test
  void refusesWithOneLine() throws IOException {
    String model = folder.toString();
    refused("Missing required argument", "score", model);
    refused("mutually exclusive", "score", model, "--ids", "1", "--text", "a");
    refused("token 9999 is not in the vocabulary of 270", "score", model, "--ids", "1,9999");
    refused("there is no token to score", "score", model, "--text", "");
    refused("do not fit the context", "score", model, "--ids", "1", "--generate", "5000");
    refused("--generate -1", "score", model, "--ids", "1", "--generate", "-1");
    refused("nowhere is not a model folder", "score", "nowhere", "--ids", "1");
    refused("--device tpu", "score", model, "--ids", "1", "--device", "tpu");
    refused("--dtype f8 is unknown", "export", model, directory + "/x", "--dtype", "f8");
    refused("--max-shard-bytes", "export", model, directory + "/x", "--max-shard-bytes", "0");
    refused("holds no platform", "export", "guest", directory + "/x", "--home", home.toString());
    refused("'Bad.Name' is not a name", "import", model, "Bad.Name");
    refused("./nowhere is not a model folder", "export", "./nowhere", directory + "/x");
    Files.delete(folder.resolve("tokenizer.json"));
    refused("with --tokenizer", "import", model, "guest", "--home", home.toString());
    refused("tokenizer.json does not exist", "score", model, "--text", "a");
    Path config = folder.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"vocab_size\" : 270", "\"vocab_size\" : 271"));
    refused(
        "model.safetensors: tensor model.embed_tokens.weight has shape (270, 128), expected (271, 128)",
        "score",
        model,
        "--ids",
        "1");
    assertThat(home).doesNotExist();
  }

  @Test
  void leavesNothingOfAnImportThatFails() throws IOException {
    try (StoppedPlatform platform = StoppedPlatform.open(home, /* make= */ true)) {
      assertThatThrownBy(() ->
              platform.publish(
                  "guest",
                  "language",
                  Map.of(),
                  /* replace= */ false,
                  staged -> {
                    Files.writeString(staged.resolve("model.safetensors"), "half");
                    throw new UncheckedIOException(
                        "cannot write model.safetensors: No space left on device",
                        new IOException("No space left on device"));
                  }))
          .isInstanceOf(IOException.class)
          .hasMessage("cannot write model.safetensors: No space left on device");
      assertThat(home.resolve("objects").resolve(".staging")).isEmptyDirectory();
      assertThatThrownBy(() -> platform.model("guest", 0)).hasMessageContaining("there are none");
    }
  }

  @Test
  void refusesAnEndThatTheTokenizerDoesNotKnow() throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"eos_token_id\" : 0", "\"eos_token_id\" : 268"));
    Path smaller = directory.resolve("smaller.json");
    Files.write(
        smaller, new BpeTrainer(265, (done, total) -> {}).train(List.of("a mill")).toJson());
    refused(
        "does not fit eos_token_id of config.json: token 268 is not in the vocabulary of 26",
        "import",
        folder.toString(),
        "guest",
        "--tokenizer",
        smaller.toString(),
        "--home",
        home.toString());
    Files.writeString(folder.resolve("generation_config.json"), "[]");
    refused(
        "generation_config.json is not a JSON object",
        "import",
        folder.toString(),
        "guest",
        "--home",
        home.toString());
  }

  @Test
  void refusesAHomeInUse() {
    try (HomeDirectory held = HomeDirectory.open(home)) {
      refused(
          "is in use by another running process ",
          "import",
          folder.toString(),
          "guest",
          "--home",
          held.root().toString());
    }
  }

  @Test
  void explainsItself() {
    Stream.of("plan", "export", "import", "score")
        .forEach(command -> assertThat(run(command, "--help").out()).startsWith("Usage: millrace"));
  }

  private static JsonNode score(Path folder, String... options) {
    String[] all = new String[options.length + 2];
    all[0] = "score";
    all[1] = folder.toString();
    System.arraycopy(options, 0, all, 2, options.length);
    return JsonMapper.shared().readTree(run(all).out());
  }

  private static Terminal run(String... arguments) {
    Terminal run = Terminal.run(arguments);
    assertThat(run.status()).as(run.err()).isZero();
    return run;
  }

  private static void refused(String reason, String... arguments) {
    Terminal run = Terminal.run(arguments);
    assertThat(run.err()).contains(reason);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.status()).isEqualTo(2);
  }

  private static int[] ids(JsonNode list) {
    int[] ids = new int[list.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = list.path(i).asInt();
    }
    return ids;
  }

  private static String joined(JsonNode ids) {
    StringBuilder text = new StringBuilder();
    ids.forEach(id -> text.append(text.isEmpty() ? "" : ",").append(id.asInt()));
    return text.toString();
  }
}

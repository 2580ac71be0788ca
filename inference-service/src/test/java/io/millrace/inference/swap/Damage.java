package io.millrace.inference.swap;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.inference.fixture.TinyModels;
import io.millrace.language.tokenize.BpeTrainer;
import io.millrace.platform.registry.ModelVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What can be wrong with a checkpoint of a language model. */
enum Damage {
  FLIPPED_BIT("model.safetensors: expected SHA-256") {
    @Override
    void stored(Path folder) throws IOException {
      Path file = folder.resolve(WEIGHTS);
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);
    }
  },
  TRUNCATED("model.safetensors: expected") {
    @Override
    void stored(Path folder) throws IOException {
      Path file = folder.resolve(WEIGHTS);
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 7));
    }
  },
  MISSING_FILE("config.json: expected a file, found none") {
    @Override
    void stored(Path folder) throws IOException {
      Files.delete(folder.resolve(CONFIG));
    }
  },
  MISSING_MANIFEST("manifest.json: expected a file, found none") {
    @Override
    void stored(Path folder) throws IOException {
      Files.delete(folder.resolve("manifest.json"));
    }
  },
  OTHER_MANIFEST("manifest.json: expected SHA-256 0000") {
    @Override
    ModelVersion registered(ModelVersion version) {
      return new ModelVersion(
          version.model(),
          version.version(),
          version.task(),
          version.runId(),
          version.fencingToken(),
          version.step(),
          version.location(),
          "0".repeat(64),
          version.metrics(),
          version.createdAt());
    }
  },
  UNKNOWN_TASK("no runtime for task 'poetry'") {
    @Override
    ModelVersion registered(ModelVersion version) {
      return new ModelVersion(
          version.model(),
          version.version(),
          "poetry",
          version.runId(),
          version.fencingToken(),
          version.step(),
          version.location(),
          version.manifestSha256(),
          version.metrics(),
          version.createdAt());
    }
  },
  ABSURD_HEADER("its header should have 9223372036854775807 bytes") {
    @Override
    void written(Path folder) throws IOException {
      write(folder, Long.MAX_VALUE, "{}", 0);
    }
  },
  OVERLAPPING_TENSORS("model.safetensors") {
    @Override
    void written(Path folder) throws IOException {
      String header =
          """
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},\
          "b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}\
          """;
      write(folder, header.length(), header, 12);
    }
  },
  ZERO_IN_A_NAME("a?b") {
    @Override
    void written(Path folder) throws IOException {
      String header = "{\"a\\u0000b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}";
      write(folder, header.length(), header, 4);
    }
  },
  OTHER_SHAPE("has shape") {
    @Override
    void written(Path folder) throws IOException {
      Path config = folder.resolve(CONFIG);
      String json = Files.readString(config);
      Files.writeString(config, json.replaceAll("\"hidden_size\" ?: ?16", "\"hidden_size\":32"));
    }
  },
  NO_WEIGHTS_BUT_NAN("not finite") {
    @Override
    void written(Path folder) throws IOException {
      Path file = folder.resolve(WEIGHTS);
      byte[] bytes = Files.readAllBytes(file);
      ByteBuffer weights = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      weights.position(Math.toIntExact(Long.BYTES + weights.getLong(0)));
      while (weights.remaining() >= Float.BYTES) {
        weights.putFloat(Float.NaN);
      }
      Files.write(file, bytes);
    }
  },
  NO_TOKENIZER("tokenizer.json") {
    @Override
    void written(Path folder) throws IOException {
      Files.delete(folder.resolve("tokenizer.json"));
    }
  },
  OTHER_TOKENIZER("vocab_size") {
    @Override
    void written(Path folder) throws IOException {
      Files.write(
          folder.resolve("tokenizer.json"),
          new BpeTrainer(320, (done, of) -> {})
              .train(List.of("a tokenizer of another model, with more and with other tokens"))
              .toJson());
    }
  };

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";

  private final String reason;

  Damage(String reason) {
    this.reason = reason;
  }

  /** What the refusal must say. */
  String reason() {
    return reason;
  }

  /** Publishes a version with this damage. */
  ModelVersion publish(InferenceFixture service, String model) throws IOException {
    ModelVersion version =
        service.store(
            model,
            "language",
            folder -> {
              TinyModels.language(folder, 2);
              written(folder);
            });
    Path folder = service.file(version, CONFIG).getParent();
    stored(java.util.Objects.requireNonNull(folder));
    ModelVersion registered = registered(version);
    service.announce(registered);
    return registered;
  }

  /** Before the manifest is made: every digest fits. */
  void written(Path folder) throws IOException {}

  /** After the manifest was made. */
  void stored(Path folder) throws IOException {}

  ModelVersion registered(ModelVersion version) {
    return version;
  }

  private static void write(Path folder, long headerLength, String header, int data)
      throws IOException {
    byte[] json = header.getBytes(UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(headerLength).put(json);
    Files.write(folder.resolve(WEIGHTS), file.array());
  }
}

package io.millrace.inference.detect;

import io.millrace.inference.swap.Held;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorConfigFile;
import io.millrace.vision.detector.DetectorFields;
import io.millrace.vision.detector.DetectorPresets;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** What the maps of detectors see, counted from their configurations. */
@Component
public class ReceptiveFields {

  /** Of a configuration that a request has. */
  private static final int MOST_BYTES = 1 << 20;

  private final Models models;

  ReceptiveFields(Models models) {
    this.models = models;
  }

  /** What a detector of this configuration sees. */
  public record Result(DetectorConfig config, DetectorFields fields) {
    static Result of(DetectorConfig config) {
      return new Result(config, DetectorFields.of(config));
    }
  }

  /**
   * Of a preset.
   *
   * @throws MillraceException INVALID_ARGUMENT if there is none of that name
   */
  public Result ofPreset(String preset) {
    try {
      return Result.of(DetectorPresets.of(preset));
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("preset", String.valueOf(e.getMessage()));
    }
  }

  /**
   * Of the version of a model that serves.
   *
   * @throws MillraceException INVALID_ARGUMENT if it is no detector, NOT_FOUND
   */
  public Result ofModel(String model) {
    try (Held<DetectionRuntime> held = models.acquire(model, DetectionRuntime.KIND)) {
      return Result.of(held.runtime().detector().config());
    }
  }

  /**
   * Of what a config.json says.
   *
   * @throws MillraceException INVALID_ARGUMENT if it is too large, or no detector's
   */
  public Result ofConfig(byte[] json) {
    if (json.length > MOST_BYTES) {
      throw MillraceException.invalid(
          "config",
          "the configuration has %,d bytes, at most %,d are read"
              .formatted(json.length, MOST_BYTES));
    }
    try {
      return Result.of(DetectorConfigFile.read("config", json));
    } catch (IOException e) {
      throw MillraceException.invalid("config", String.valueOf(e.getMessage()));
    }
  }
}

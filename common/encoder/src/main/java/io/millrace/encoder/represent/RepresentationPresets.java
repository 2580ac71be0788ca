package io.millrace.encoder.represent;

import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.EncoderConfigFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Encoders with a name, each a {@code config.json} beside this class. */
public final class RepresentationPresets {

  /**
   * All of them. {@code cpc-text} and {@code cpc-pictures} have the sizes of the paper (arXiv
   * 1807.03748): pictures of 256 pixels by a ResNet-101 up to its third stage, texts by 2400
   * values. Those with "decoder" have the decoder's blocks as their context. {@code cpc-text-small}
   * has no strides, which lose what a text says: of those of texts it is the one to begin with.
   */
  public static final List<String> NAMES =
      List.of(
          "cpc-text-nano",
          "cpc-text-small",
          "cpc-text",
          "cpc-pictures-nano",
          "cpc-pictures",
          "cpc-text-decoder-nano",
          "cpc-text-decoder");

  private RepresentationPresets() {}

  /**
   * The parts of a preset, with the vocabulary or the input size of its file.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static EncoderConfig of(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "there is no preset '%s' of an encoder: use one of %s"
              .formatted(name, String.join(", ", NAMES)));
    }
    String file = "presets/" + name + ".json";
    try (InputStream json = RepresentationPresets.class.getResourceAsStream(file)) {
      if (json == null) {
        throw new IllegalStateException("no file " + file);
      }
      return EncoderConfigFile.read(file, json.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
